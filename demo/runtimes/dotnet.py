"""ASP.NET Core: exchange. There is no wheel with a .NET SDK: it is built where one is installed."""

import re
import shutil
from pathlib import Path

from demo.cache import contents
from demo.commands import run
from demo.images import LocalImage
from demo.runtimes.model import (
    APPS,
    Language,
    Prepared,
    Runtime,
    UnavailableError,
    Workshop,
)

_OLDEST = 10
_SOURCE = APPS / "exchange"
_SDK = re.compile(r"^(?P<version>(?P<major>\d+)\.\S+) ", re.MULTILINE)


def _prepare(workshop: Workshop) -> Prepared:
    runtime = _runtime()
    folder = workshop.cache.folder(
        "exchange",
        [*contents(_SOURCE), runtime.title],
        lambda into: _build(workshop, runtime, into),
    )
    image = LocalImage(files={"/app": folder / "out"}, programs=(runtime.program.parent,))
    return Prepared(runtime=runtime, image=image)


def _runtime() -> Runtime:
    found = shutil.which("dotnet")
    if found is None:
        raise UnavailableError("no dotnet on this machine, and no wheel has one")
    sdks = [
        match["version"]
        for match in _SDK.finditer(run([found, "--list-sdks"]))
        if int(match["major"]) >= _OLDEST
    ]
    if not sdks:
        raise UnavailableError(f"dotnet is here, but no SDK of .NET {_OLDEST} or newer")
    program = Path(found)
    return Runtime(f".NET {sdks[-1]}", "this machine", program, program.resolve().parent)


def _build(workshop: Workshop, runtime: Runtime, into: Path) -> None:
    workshop.say("compiling exchange")
    # In a folder of its own: MSBuild writes obj/ beside the project.
    shutil.copytree(_SOURCE, into / "src")
    command: list[str | Path] = ["publish", "--configuration", "Release", "--output", into / "out"]
    run(
        [runtime.program, *command],
        cwd=into / "src",
        env={"DOTNET_CLI_TELEMETRY_OPTOUT": "1", "DOTNET_NOLOGO": "1"},
    )


DOTNET = Language("dotnet", "exchange", _prepare)
