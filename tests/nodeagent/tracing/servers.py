"""Running servers for the tests: one source, built by several tool chains."""

import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path

from demo.cache import contents
from demo.commands import CommandError, run
from tests.nodeagent.binary import builds
from tests.nodeagent.binary.builds import Case
from tests.nodeagent.binary.toolchains import NEWEST, UnavailableError, cache, go

_PROGRAMS = Path(__file__).with_name("programs")
_SECONDS = 20

CASES = (
    Case(NEWEST, "stripped"),
    Case(NEWEST, "pie"),
    Case("1.19", "stripped"),  # maps as they were before 1.24
    *(Case(version, "stripped") for version in ("1.23.9", "1.24.11", "1.25.5", "1.26.6")),
    Case("1.24.11", "foreign"),
)
EVERYDAY = CASES[:3]
"""What is built in every run of the tests; the others where every version is required."""


def built(case: Case, say: Callable[[str], None], name: str = "server") -> Path:
    """A server's executable, by the folder of its program. Raises UnavailableError."""
    variant, source = builds.VARIANTS[case.variant], _PROGRAMS / name

    def make(into: Path) -> None:
        go_ = go(case.version, say)
        say(f"building {name} of Go {case}: once, about {_SECONDS} s on two idle cores")
        if (source / "go.sum").is_file():
            builds.fetch(go_, source)
        builds._build(go_, source, into / name, variant)

    parts = (case.version, variant.name, *variant.options, *contents(source))
    try:
        return cache().folder(f"{name}-{case}", parts, make) / name
    except CommandError as error:
        raise UnavailableError(f"no {name} of Go {case}: {error}") from error


@dataclass(frozen=True, slots=True)
class Server:
    """A running server; `secure` is where it speaks TLS, and HTTP/2."""

    pid: int
    host: str
    port: int
    secure: str

    @property
    def address(self) -> str:
        """Host and port as in a Host header."""
        return f"{self.host}:{self.port}"

    def connect(self) -> HTTPConnection:
        """A connection of its own, kept alive."""
        return HTTPConnection(self.host, self.port, timeout=30)

    def get(self, path: str, headers: Mapping[str, str] | None = None, method: str = "GET") -> str:
        """The body of the answer, over a new connection."""
        connection = self.connect()
        try:
            connection.request(method, path, headers=dict(headers or {}))
            return read(connection.getresponse())
        finally:
            connection.close()


def fetched(program: Path, *urls: str) -> list[str]:
    """Protocol and status of the answers to a program's requests over one connection of HTTP/2."""
    return run([program, *urls]).splitlines()


def read(response: HTTPResponse) -> str:
    """The answer's body as text."""
    return response.read().decode()


@contextmanager
def running(program: Path, *arguments: str) -> Iterator[Server]:
    """A server while it runs."""
    with subprocess.Popen([program, *arguments], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            address, secure = process.stdout.readline().split()
            host, _, port = address.rpartition(":")
            yield Server(process.pid, host, int(port), secure)
        finally:
            process.kill()
