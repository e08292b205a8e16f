"""Which of our languages a process runs in, and in which version of its runtime.

What the program itself is goes before what it has loaded: Python may have a JVM in it, and Go a
Python. Tables are asked in order; the first that knows it decides.
"""

import re
from collections import OrderedDict
from collections.abc import Callable, Mapping

from nodeagent.binary.build import build
from nodeagent.binary.elf import Elf
from nodeagent.binary.errors import BinaryError
from nodeagent.binary.source import Source
from nodeagent.observing.budget import Rationed, Spent
from nodeagent.observing.look import Look
from nodeagent.tracing.process import FileId, ProcessGone
from webhook.commandline.runtimes import is_python
from webhook.images import versions
from webhook.images.layers import documents
from webhook.images.layers.content import BUNDLE
from webhook.images.layers.documents import Framework, Runtime

_SEARCHED = 96 << 20
"""Bytes of a file that are searched; a hostile one may be of any size, a look reads 128 MiB."""
_REMEMBERED = 512
_PARENTS = 5

_LIBRARIES = tuple(
    (language, re.compile(pattern))
    for language, pattern in (
        ("java", r"/libjvm\.so\Z"),
        ("dotnet", r"/libcoreclr\.so\Z"),
        ("python", r"/libpython[23][\d.]*\w*\.so[\d.]*\Z"),
        ("nodejs", r"/libnode\.so[\d.]*\Z"),
    )
)
_PYTHON = re.compile(r"/(?:lib)?python([23]\.\d+)|\.cpython-([23])(\d+)-")
_NODE = re.compile(rb"https?://[\w./-]{1,64}/v(\d{1,3}\.\d{1,3}\.\d{1,3})/node-v")
_NODE_MARK = b"node_module_register"
_FRAMEWORK = re.compile(r"/(?:Microsoft\.NETCore\.App)/([^/]+)/libcoreclr\.so\Z")


def runtime(seen: Look) -> tuple[str | None, str]:
    """(language, version) of a process: a name of `BY_NAME` or None, "" where it cannot be told."""
    language = _language(seen)
    reader = _VERSIONS.get(language or "")
    return language, (reader(seen) or "") if reader else ""


def _language(seen: Look) -> str | None:
    return next((language for language, is_it in _SIGNS if is_it(seen)), _loaded(seen))


def _loaded(seen: Look) -> str | None:
    """By the one runtime that it has loaded; a native image of one has none."""
    loaded = [language for language, pattern in _LIBRARIES if _mapped(seen, pattern)]
    return loaded[0] if len(loaded) == 1 and not seen.binary.ahead else None


def _mapped(seen: Look, pattern: re.Pattern[str]) -> str | None:
    return next((path for path in seen.mapped if pattern.search(path)), None)


def _go(seen: Look) -> str | None:
    return _remembered("go", seen, _go_version)


def _go_version(source: Source) -> str:
    return build(source, Elf(source)).version


def _java(seen: Look) -> str | None:
    library = _mapped(seen, _LIBRARIES[0][1])
    if library is None:
        return None
    folder = library
    for _ in range(_PARENTS):
        folder = folder.rpartition("/")[0]
        found = seen.document(f"{folder}/release")
        told = documents.read("release", found) if found else None
        if isinstance(told, Runtime):
            return told.version
    return versions.java_home(library)


def _python(seen: Look) -> str | None:
    """The series that the files' names tell; the image's variable may know more of the same."""
    paths = (seen.executable, *seen.mapped)
    match = next((m for path in paths if (m := _PYTHON.search(path))), None)
    series = (match[1] or f"{match[2]}.{match[3]}") if match else None
    said = versions.normalise("python", seen.environment.get("PYTHON_VERSION", ""))
    return said if said and series and said.startswith(f"{series}.") else series


def _nodejs(seen: Look) -> str | None:
    header = f"{seen.executable.rpartition('/bin/')[0]}/include/node/node_version.h"
    found = seen.document(header)
    told = documents.read(header, found) if found else None
    if isinstance(told, Runtime):
        return told.version
    return _remembered("node", seen, _node_version) or versions.normalise(
        "nodejs", seen.environment.get("NODE_VERSION", "")
    )


def _node_version(source: Source) -> str:
    """Node.js names the place where its own source lies."""
    for at in source.find(b"/node-v", 0, source.size):
        if match := _NODE.search(source.upto(max(0, at - 96), 96 + len(b"/node-v"))):
            return match[1].decode()
    return ""


def _is_node(seen: Look) -> bool:
    return seen.name in ("node", "nodejs") and bool(_remembered("mark", seen, _marked))


def _marked(source: Source) -> str:
    """Other programs have this name, too; Node.js exports what add-ons register themselves by."""
    return next(("yes" for _ in source.find(_NODE_MARK, 0, source.size)), "")


def _dotnet(seen: Look) -> str | None:
    for path in seen.mapped:
        if match := _FRAMEWORK.search(path):
            return versions.normalise("dotnet", match[1])
    # The runtime lies beside the application that brings it, or within.
    found = seen.document(f"{seen.executable}.runtimeconfig.json")
    told = documents.read("x.runtimeconfig.json", found) if found else None
    return told.version if isinstance(told, Framework) and told.is_included else None


_SIGNS: tuple[tuple[str, Callable[[Look], bool]], ...] = (
    ("go", lambda seen: seen.binary.go is not None),
    ("python", lambda seen: is_python(seen.name)),
    ("nodejs", _is_node),
    ("dotnet", lambda seen: seen.binary.dotnet == BUNDLE),
)
"""What tells a language without a look at what is loaded."""

_VERSIONS: Mapping[str, Callable[[Look], str | None]] = {
    "go": _go,
    "java": _java,
    "python": _python,
    "nodejs": _nodejs,
    "dotnet": _dotnet,
}

_known: OrderedDict[tuple[str, FileId], str] = OrderedDict()


def _remembered(what: str, seen: Look, ask: Callable[[Source], str]) -> str:
    """What a program's file says; asked once, however many processes run it.

    "" where the look's budget is spent: then it is asked at the next one.
    """
    key = (what, seen.file)
    if key in _known:
        _known.move_to_end(key)
        return _known[key]
    try:
        with seen.process.executable() as file:
            source = Rationed(file, seen.budget)
            source.size = min(source.size, _SEARCHED)
            answer = ask(source)
    except Spent:
        return ""
    except (BinaryError, ProcessGone):
        answer = ""
    _known[key] = answer
    if len(_known) > _REMEMBERED:
        _known.popitem(last=False)
    return answer
