"""Real runtimes, those that this machine has."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nodeagent.observing.observation import Observation
from nodeagent.observing.proc import observe
from nodeagent.tracing.process import Process, ProcessGone
from tests.nodeagent.binary.toolchains import NEWEST, UnavailableError, go
from tests.nodeagent.machine import give_up
from tests.waiting import until

_SLEEPER = """
public class Sleeper {
    public static void main(String[] words) throws Exception { System.in.read(); }
}
"""


def _program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        give_up(f"there is no {name} here")
    return found


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


def test_java(tmp_path: Path) -> None:
    """A JVM, with the version that it says of itself."""
    java = _program("java")
    if "jdk.compiler" not in _output(java, "--list-modules"):
        give_up("this Java compiles nothing")
    source = tmp_path / "Sleeper.java"
    source.write_text(_SLEEPER)
    said = _output(java, "-version")
    with _running(java, "-Dpassword=hunter2", str(source)) as process:
        found = _seen(process, "java")

    assert found.version
    assert f'"{found.version}' in said.replace("1.8.0_", "8.0.")
    assert (found.process_name, found.libc) == ("java", "glibc")
    assert found.command[1:] == (str(source),)


def test_nodejs(tmp_path: Path) -> None:
    """Node.js, with the version that it says of itself."""
    node = _program("node")
    script = tmp_path / "server.js"
    script.write_text("process.stdin.resume()")
    said = _output(node, "--version")
    with _running(node, str(script), "--password=hunter2") as process:
        found = _seen(process, "nodejs")

    assert f"v{found.version}" == said.strip()
    assert found.command[1:] == (str(script),)


def test_python(tmp_path: Path) -> None:
    """Python, of the series that its files are called by."""
    python = _program("python3")
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
