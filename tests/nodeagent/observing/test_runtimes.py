"""Real runtimes: those that this machine has, else such as its package registries have."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agents import npm
from nodeagent.observing.observation import Observation
from nodeagent.observing.proc import observe
from nodeagent.tracing.process import Process, ProcessGone
from tests.agents import toolbox
from tests.nodeagent.binary.toolchains import NEWEST, UnavailableError, go
from tests.nodeagent.machine import give_up
from tests.waiting import until

_SLEEPER = Path(__file__).with_name("programs") / "Sleeper.java"


def _output(*command: str) -> str:
    """What a program says, on either stream."""
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    return told.stdout + told.stderr


@contextmanager
def _running(*command: str) -> Iterator[Process]:
    """A program that waits for its input."""
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        try:
            yield Process(process.pid)
        finally:
            process.kill()


def _seen(process: Process, language: str) -> Observation:
    """What it is, as soon as it has begun."""

    def found() -> Observation | None:
        try:
            seen = observe(process)
        except ProcessGone:
            return None
        return seen if seen.language == language else None

    return until(found, f"it is {language}")


def test_java() -> None:
    """A JVM, with the version that it says of itself."""
    java = str(toolbox.java())
    classes = str(toolbox.compiled(_SLEEPER))
    said = _output(java, "-version")
    with _running(java, "-Dpassword=hunter2", "-cp", classes, "Sleeper") as process:
        found = _seen(process, "java")

    assert found.version
    assert f'"{found.version}' in said.replace("1.8.0_", "8.0.")
    assert (found.process_name, found.libc) == ("java", "glibc")
    assert found.command[-1] == "Sleeper"
    assert "hunter2" not in str(found)


def test_nodejs(tmp_path: Path) -> None:
    """Node.js, with the version that it says of itself."""
    node = str(npm.interpreter(toolbox.package_manager()))
    script = tmp_path / "server.js"
    script.write_text("process.stdin.resume()")
    said = _output(node, "--version")
    with _running(node, str(script), "--password=hunter2") as process:
        found = _seen(process, "nodejs")

    assert f"v{found.version}" == said.strip()
    assert found.command[1:] == (str(script),)


def test_python(tmp_path: Path) -> None:
    """Python, of the series that its files are called by."""
    python = shutil.which("python3") or sys.executable
    script = tmp_path / "app.py"
    script.write_text("input()")
    said = _output(python, "-V")
    with _running(python, "-u", str(script), "hunter2") as process:
        found = _seen(process, "python")

    assert said.startswith(f"Python {found.version}.")
    assert found.command[1:] == (str(script),)


def test_go() -> None:
    """Go, with its tool chain's version: gofmt waits for its input."""
    try:
        program = go(NEWEST, print).parent / "gofmt"
    except UnavailableError as error:
        give_up(str(error))
    with _running(str(program)) as process:
        found = _seen(process, "go")

    assert (found.version, found.libc) == (NEWEST, "static")
    assert found.command == (str(program.resolve()),)
