"""Running callers for the tests: programs that send what they are told to."""

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from demo.cache import contents
from demo.commands import CommandError
from tests.nodeagent.binary import builds
from tests.nodeagent.binary.builds import Case
from tests.nodeagent.binary.toolchains import UnavailableError, cache, go

_SOURCE = Path(__file__).with_name("programs") / "caller"


def built(case: Case, say: Callable[[str], None]) -> Path:
    """The caller's executable. Raises UnavailableError."""
    variant = builds.VARIANTS[case.variant]

    def make(into: Path) -> None:
        say(f"building a caller of Go {case}: once, about 20 s on two idle cores")
        builds._build(go(case.version, say), _SOURCE, into / "caller", variant)

    parts = (case.version, variant.name, *variant.options, *contents(_SOURCE))
    try:
        return cache().folder(f"caller-{case}", parts, make) / "caller"
    except CommandError as error:
        raise UnavailableError(f"no caller of Go {case}: {error}") from error


@dataclass(frozen=True, slots=True)
class Caller:
    """A running caller."""

    pid: int
    orders: IO[str]
    answers: IO[str]

    def send(self, url: str = "", **order: object) -> list[str]:
        """Have requests sent: see programs/caller. Returns status and digest of each answer."""
        self.orders.write(json.dumps({"URL": url, **order}) + "\n")
        self.orders.flush()
        answers: list[str] = json.loads(self.answers.readline())
        return answers


@contextmanager
def running(program: Path) -> Iterator[Caller]:
    """A caller while it runs."""
    pipe = subprocess.PIPE
    with subprocess.Popen([program], stdin=pipe, stdout=pipe, text=True) as process:
        try:
            assert process.stdin is not None
            assert process.stdout is not None
            yield Caller(process.pid, process.stdin, process.stdout)
        finally:
            process.kill()
