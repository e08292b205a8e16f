"""Which processes get the agent: applications do, the tools around them do not."""

from __future__ import annotations

import os
from collections.abc import Sequence

# Tools that people run in a container or that an entrypoint runs first. They end before a batch of
# spans would leave, and each start of the agent costs them a third of a second.
TOOLS = frozenset(
    {
        "build",
        "compileall",
        "conda",
        "coverage",
        "ensurepip",
        "hatch",
        "mypy",
        "pdm",
        "pip",
        "pip-compile",
        "pip-sync",
        "pipenv",
        "pipx",
        "poetry",
        "py_compile",
        "pydoc",
        "pytest",
        "ruff",
        "site",
        "sysconfig",
        "tox",
        "uv",
        "venv",
        "virtualenv",
        "wheel",
    }
)

# multiprocessing's helper that only counts semaphores: python -c "from multiprocessing...".
HELPER_CODE = "from multiprocessing.resource_tracker import main"

# Options of the interpreter whose value is the next argument.
_WITH_VALUE = frozenset({"-W", "-X", "--check-hash-based-pycs"})


def is_tool(argv: Sequence[str]) -> bool:
    """Say whether `argv` (`sys.orig_argv`, interpreter first) starts a tool, not a service."""
    kind, value = program(argv)
    if kind == "code":
        return value.startswith(HELPER_CODE)
    name = os.path.basename(value) if kind == "script" else value.partition(".")[0]
    return name.removesuffix(".py").rstrip("0123456789.") in TOOLS


def program(argv: Sequence[str]) -> tuple[str, str]:
    """Return what runs: ("code" | "module" | "script" | "none", its text or name)."""
    rest = iter(argv[1:])
    for argument in rest:
        if argument in _WITH_VALUE:
            next(rest, None)
        elif argument == "-" or not argument.startswith("-"):
            return ("none", "") if argument == "-" else ("script", argument)
        elif not argument.startswith("--"):
            for option, kind in (("c", "code"), ("m", "module")):
                flags, found, value = argument[1:].partition(option)
                if found and flags.isalpha() | (flags == "") and not set(flags) & set("WX"):
                    return kind, value or next(rest, "")
    return "none", ""
