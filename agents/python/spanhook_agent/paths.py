"""Where modules come from: behind the application, and never in its place."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Iterable

from .processes import program  # noqa: TID252

# Servers that put the working directory on the path themselves, after they have started.
_ADD_WORKING_DIRECTORY = frozenset(
    {"celery", "daphne", "flask", "gunicorn", "hypercorn", "uvicorn", "uwsgi"}
)


def libc() -> str:
    """Return the C library that this interpreter runs on."""
    # Names of builds mislead: until 3.10 a Python for musl calls its modules linux-gnu.
    try:
        version = os.confstr("CS_GNU_LIBC_VERSION")
    except (AttributeError, OSError, ValueError):
        version = None
    return "glibc" if (version or "").startswith("glibc") or sys.platform != "linux" else "musl"


def append(root: str) -> list[str]:
    """Append the agent's directories to `sys.path` and return them."""
    added = [os.path.join(root, "site-" + part) for part in ("any", libc())]
    sys.path.extend(added)
    return added


def prefer(package: str, directories: Iterable[str]) -> None:
    """Let the namespace `package` look into `directories` first."""
    module = __import__(package)
    ours = [os.path.join(directory, package) for directory in directories]
    first = [path for path in ours if os.path.isdir(path)]
    module.__path__ = first + [path for path in module.__path__ if path not in first]


def application_directories(argv: list[str]) -> list[str]:
    """Directories of the application's modules, which Python puts on the path only later."""
    kind, value = program(argv)
    if getattr(sys.flags, "safe_path", False):
        return []
    if kind != "script":
        return [os.getcwd()]
    directory = os.path.dirname(os.path.realpath(value))
    if os.path.isdir(value):
        return [value]
    return [directory] + [os.getcwd()] * (os.path.basename(value) in _ADD_WORKING_DIRECTORY)


def give_back(before: Collection[str], directories: Iterable[str]) -> list[str]:
    """Forget modules that the agent imported and that the application has under the same name.

    An application with a module `queue` of its own finds that one as long as nobody has imported
    the standard library's. The agent keeps the objects that it has; the name is the application's.
    Returns the names that were given back.
    """
    new = {name.partition(".")[0] for name in set(sys.modules).difference(before)}
    names = [name for name in sorted(new) if any(_has(path, name) for path in directories)]
    for name in list(sys.modules):
        if name.partition(".")[0] in names:
            del sys.modules[name]
    return names


def _has(directory: str, name: str) -> bool:
    base = os.path.join(directory, name)
    return os.path.isfile(base + ".py") or os.path.isfile(os.path.join(base, "__init__.py"))
