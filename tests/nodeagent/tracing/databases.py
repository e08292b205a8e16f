"""A server that asks a database, for the tests: with a driver of its own, or with real ones."""

from collections.abc import Callable
from pathlib import Path

from demo.cache import contents
from demo.commands import CommandError
from tests.nodeagent.binary import builds
from tests.nodeagent.binary.builds import Case
from tests.nodeagent.binary.toolchains import NEWEST, UnavailableError, cache, go
from tests.nodeagent.tracing.servers import Server, read

_SOURCE = Path(__file__).with_name("programs") / "sql"

CASES = (
    Case(NEWEST, "stripped"),
    Case(NEWEST, "pie"),
    Case("1.19", "stripped"),
    *(Case(version, "stripped") for version in ("1.23.9", "1.24.11", "1.25.5", "1.26.6")),
    Case("1.24.11", "foreign"),
)
EVERYDAY = CASES[1:3]
"""What is built in every run of the tests."""


def built(case: Case, say: Callable[[str], None]) -> Path:
    """The server's executable. Raises UnavailableError."""
    variant = builds.VARIANTS[case.variant]

    def make(into: Path) -> None:
        say(f"building a program of Go {case} that asks a database: once")
        builds._build(go(case.version, say), _SOURCE, into / "sql", variant)

    parts = (case.version, variant.name, *variant.options, *contents(_SOURCE))
    try:
        return cache().folder(f"sql-{case}", parts, make) / "sql"
    except CommandError as error:
        raise UnavailableError(f"no program of Go {case}: {error}") from error


def ask(server: Server, path: str, query: str) -> str:
    """What the database answers: `<nil>`, or an error."""
    connection = server.connect()
    try:
        connection.request("POST", path, body=query)
        return read(connection.getresponse())
    finally:
        connection.close()
