"""The Eclipse compiler for Java: one jar that any Java runtime can run."""

import sys
from pathlib import Path

import agents
from agents.maven import Pin, fetch
from demo.runtimes.model import Workshop

_PIN = Pin(
    group="org.eclipse.jdt",
    artifact="ecj",
    version="3.43.0",
    sha256="c786468c65e906498e7e36ece4e0d04c6d3dd34c9a61b34a3a5b512801911a82",
)
# What fetches the Java agent fetches this jar too.
_FETCHER = Path(agents.__file__).parent / "java" / "requirements.txt"


def eclipse_compiler(workshop: Workshop) -> Path:
    """The compiler's jar, fetched once. Raises agents.command.BuildError."""

    def make(into: Path) -> None:
        workshop.say(f"fetching the Eclipse compiler {_PIN.version}")
        fetch(Path(sys.executable), _PIN, _FETCHER, into / "ecj.jar")

    return workshop.cache.folder("ecj", [_PIN.version, _PIN.sha256], make) / "ecj.jar"
