"""Servers that ask a database, for the tests, and databases that they ask."""

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from demo.cache import contents
from demo.commands import CommandError, run
from tests.nodeagent.binary import builds
from tests.nodeagent.binary.toolchains import NEWEST, UnavailableError, cache, go
from tests.nodeagent.tracing.servers import Server, read

_PROGRAMS = Path(__file__).with_name("programs")
_POSTGRES = Path("/usr/lib/postgresql")


def built_with_drivers(say: Callable[[str], None]) -> Path:
    """The server with drivers for SQLite and PostgreSQL. Raises UnavailableError."""
    sources = (_PROGRAMS / "sql", _PROGRAMS / "drivers")

    def make(into: Path) -> None:
        say("building a program with drivers of databases: once, a minute on two idle cores")
        go_ = go(NEWEST, say)
        with tempfile.TemporaryDirectory() as name:
            for source in sources:
                shutil.copytree(source, name, dirs_exist_ok=True)
            builds.fetch(go_, Path(name))
            builds._build(go_, Path(name), into / "sql", builds.VARIANTS["stripped"])

    parts = (NEWEST, *(part for source in sources for part in contents(source)))
    try:
        return cache().folder("drivers", parts, make) / "sql"
    except CommandError as error:
        raise UnavailableError(f"no drivers of databases: {error}") from error


def ask(server: Server, path: str, query: str) -> str:
    """What the database answers: `<nil>`, or an error."""
    connection = server.connect()
    try:
        connection.request("POST", path, body=query)
        return read(connection.getresponse())
    finally:
        connection.close()


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """A PostgreSQL while it runs: what drivers are told to reach it, by a socket in the folder.

    Raises UnavailableError where none is installed.
    """
    found = sorted(_POSTGRES.glob("*/bin"))
    if not found:
        raise UnavailableError(f"no PostgreSQL in {_POSTGRES} (Debian: postgresql)")
    data = folder / "data"
    data.mkdir()
    for path in (folder, data):
        shutil.chown(path, "postgres", "postgres")
    user = ("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups")
    options = ("-k", folder, "-c", "listen_addresses=")
    command: list[str | Path] = [*user, found[-1] / "postgres", "-D", data, *options]
    try:
        run([*user, found[-1] / "initdb", "-A", "trust", "-D", data], cwd=folder)
        with subprocess.Popen(command, cwd=folder, stderr=subprocess.DEVNULL) as process:
            yield f"host={folder} user=postgres dbname=postgres sslmode=disable"
            process.terminate()
    except CommandError as error:
        raise UnavailableError(f"no PostgreSQL: {error}") from error
