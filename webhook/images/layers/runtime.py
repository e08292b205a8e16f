"""Which version of a runtime a program runs in, with which C library."""

import re
from collections.abc import Callable, Iterable, Mapping

from webhook.commandline.runtimes import is_python
from webhook.images import versions
from webhook.images.layers.content import Binary, Script
from webhook.images.layers.documents import Framework, Package, Runtime
from webhook.images.layers.inventory import Inventory
from webhook.images.layers.marks import Mark
from webhook.images.layers.start import Start
from webhook.images.layers.tree import Trace
from webhook.images.layers.verdict import Verdict
from webhook.model import Libc
from webhook.versions import parse

_PYTHON = re.compile(r"python([23]\.\d+)")
_MODULES: Mapping[str, bool] = {".mjs": True, ".cjs": False}
_NODE = ("node", "nodejs")
_VALUED = frozenset(("-r", "--require", "--import", "--loader", "--experimental-loader", "-C"))
_NO_SCRIPT = frozenset(("-e", "--eval", "-p", "--print", "-v", "--version"))
_DLL = ".dll"


def version(verdict: Verdict, start: Start, inventory: Inventory) -> tuple[str, str] | None:
    """(version, the file or folder that tells it) of the runtime that a program runs in."""
    reader = _VERSIONS.get(verdict.language or "")
    return reader(verdict, start, inventory) if reader else None


def libc(verdict: Verdict, start: Start, inventory: Inventory) -> tuple[Libc, str] | None:
    """(the C library, what tells it): the program's loader, else the only one in the image."""
    if verdict.binary is not None:
        if verdict.binary.libc:
            return verdict.binary.libc, f"/{verdict.path} is loaded by {verdict.binary.interpreter}"
        if verdict.binary.is_static:
            return None
    for trace in _interpreters(verdict, start, inventory):
        found = trace.node.content if trace.node else None
        if isinstance(found, Binary) and found.libc:
            return found.libc, f"/{trace.paths[-1]} is loaded by {found.interpreter}"
    musl, glibc = inventory.marked(Mark.MUSL), inventory.marked(Mark.GLIBC)
    # Alpine's gcompat brings glibc's name too, and Debian's package of musl the other one.
    if bool(musl) == bool(glibc):
        return None
    return (
        ("musl", f"/{musl[0]} is in the image")
        if musl
        else ("glibc", f"/{glibc[0]} is in the image")
    )


def framework(verdict: Verdict, start: Start, inventory: Inventory) -> Framework | None:
    """What a .NET application's own configuration asks for."""
    stem = verdict.path
    if stem is None:
        words = verdict.program.argv
        dll = next((word for word in words if word.endswith(_DLL)), None)
        places = start.places(dll if "/" in dll else f"./{dll}") if dll else ()
        if not places:
            return None
        stem = inventory.tree.find(places[0]).paths[-1].removesuffix(_DLL)
    found = inventory.document(f"{stem}.runtimeconfig.json")
    return found if isinstance(found, Framework) else None


def is_module(verdict: Verdict, start: Start, inventory: Inventory) -> bool | None:
    """Whether Node.js reads the entry script as an ES module; None where nothing tells it."""
    is_node = verdict.program.name in _NODE
    script = _node_script(verdict.program.argv) if is_node else None
    places = start.places(script if "/" in script else f"./{script}") if script else ()
    if not places:
        return None
    path = inventory.tree.find(places[0]).paths[-1]
    if (sure := _MODULES.get(path[-4:])) is not None:
        return sure
    while path:
        path = path.rpartition("/")[0]
        found = inventory.document(f"{path}/package.json".lstrip("/"))
        if isinstance(found, Package):
            return found.is_module
    return None


def _node_script(argv: Iterable[str]) -> str | None:
    words = iter(tuple(argv)[1:])
    for word in words:
        if word in _NO_SCRIPT:
            return None
        if word in _VALUED:
            next(words, None)
        elif word[:1] != "-":
            return word
    return None


def _interpreters(verdict: Verdict, start: Start, inventory: Inventory) -> list[Trace]:
    """Where the program's own word leads, and its script's interpreter."""
    words = list(verdict.program.argv[:1])
    found: list[Trace] = []
    while words and len(found) < 4:  # noqa: PLR2004
        places = start.places(words.pop())
        traces = [inventory.tree.find(place) for place in places]
        trace = next((t for t in traces if t.node or len(t.paths) > 1), None)
        trace = trace or next(iter(traces), None)
        if trace is None:
            break
        found.append(trace)
        content = trace.node.content if trace.node else None
        if isinstance(content, Script):
            words = [w for w in content.words if w.rpartition("/")[2] != "env" and w[:1] != "-"][:1]
    return found


def _python(verdict: Verdict, start: Start, inventory: Inventory) -> tuple[str, str] | None:
    for trace in _interpreters(verdict, start, inventory):
        for path in trace.paths:
            name = path.rpartition("/")[2]
            if is_python(name) and (match := _PYTHON.match(name)):
                return match[1], f"/{path}"
    return _only({f"/{p}": m[1] for p in inventory.marked(Mark.PYTHON) if (m := _PYTHON.search(p))})


def _java(verdict: Verdict, start: Start, inventory: Inventory) -> tuple[str, str] | None:
    machines = inventory.marked(Mark.JVM)
    homes = {
        path.rpartition("/")[0]: (found.version, f"/{path}")
        for path, found in inventory.documents()
        if isinstance(found, Runtime) and found.language == "java"
    }
    homes = {
        home: v for home, v in homes.items() if any(m.startswith(f"{home}/") for m in machines)
    }
    for trace in _interpreters(verdict, start, inventory):
        if own := homes.get(trace.paths[-1].removesuffix("/bin/java")):
            return own
    return _only({path: number for number, path in homes.values()})


def _nodejs(_verdict: Verdict, _start: Start, inventory: Inventory) -> tuple[str, str] | None:
    return _only(
        {
            f"/{path}": found.version
            for path, found in inventory.documents()
            if isinstance(found, Runtime) and found.language == "nodejs"
        }
    )


def _dotnet(verdict: Verdict, start: Start, inventory: Inventory) -> tuple[str, str] | None:
    """The installed runtime that the application's configuration leads to, or its own."""
    wanted = framework(verdict, start, inventory)
    folders = inventory.marked(Mark.DOTNET)
    installed = {f"/{p}": v for p in folders if (v := versions.dotted(p.rpartition("/")[2]))}
    if wanted is None:
        return None if verdict.binary else _only(installed)
    fitting = {
        p: v for p, v in installed.items() if v.split(".")[0] == wanted.version.split(".")[0]
    }
    if fitting and not wanted.is_included:
        path = max(fitting, key=lambda p: parse(fitting[p]) or ())
        return fitting[path], path
    return wanted.version, f"{wanted.name} in its runtimeconfig.json"


def _go(verdict: Verdict, _start: Start, _inventory: Inventory) -> tuple[str, str] | None:
    return (verdict.version, f"/{verdict.path}") if verdict.version else None


def _only(found: Mapping[str, str]) -> tuple[str, str] | None:
    """(version, path) where there is one version and no other."""
    if len(set(found.values())) != 1:
        return None
    path = min(found)
    return found[path], path


_VERSIONS: Mapping[str, Callable[[Verdict, Start, Inventory], tuple[str, str] | None]] = {
    "python": _python,
    "java": _java,
    "nodejs": _nodejs,
    "dotnet": _dotnet,
    "go": _go,
}
