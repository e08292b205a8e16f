"""Debian's docker-registry, started for a test: plain, with TLS, with passwords, with tokens."""

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest

from certs.authority import Authority

PROGRAM: Final = "docker-registry"
PATIENCE: Final = 10.0

USER: Final = "reader"
PASSWORD: Final = "made up for this test"
# That password's, by `htpasswd -nbBC 4`: the registry reads bcrypt only.
_HTPASSWD: Final = "$2y$04$qZ8uME7o6vRYpFnF9g.5AOhlPyfiN3hmYSJJWPNdQtex4BNePNcEC"


@dataclass(frozen=True, slots=True)
class Running:
    """A registry that runs. `host` is `localhost` with the port."""

    url: str
    host: str
    authority: str = ""


def program() -> str:
    """The registry's program; skips the test where it is not installed."""
    found = shutil.which(PROGRAM)
    if found is None:
        why = f"{PROGRAM} is not installed (apt-get install {PROGRAM})"
        if os.environ.get("SPANHOOK_REQUIRE_CLUSTER") == "1":
            pytest.fail(why)
        pytest.skip(why)
    return found


@contextmanager
def serving(
    directory: Path, *, tls: bool = False, auth: Mapping[str, Any] | None = None
) -> Iterator[Running]:
    """A registry on a free port, with its data in `directory`; stopped at the end."""
    command = program()
    port = free_port()
    settings: dict[str, Any] = {
        "version": "0.1",
        "log": {"level": "error"},
        "storage": {"filesystem": {"rootdirectory": str(directory / "data")}},
        "http": {"addr": f"127.0.0.1:{port}", "secret": "made up"},
        "auth": dict(auth or {}),
    }
    authority = ""
    if tls:
        settings["http"]["tls"], authority = _certificates(directory)
    file = directory / "registry.json"  # JSON is YAML
    file.write_text(json.dumps(settings))
    with (directory / "registry.log").open("wb") as log:
        process = subprocess.Popen([command, "serve", file], stdout=log, stderr=log)
        try:
            _wait(process, port, directory / "registry.log")
            scheme = "https" if tls else "http"
            yield Running(f"{scheme}://localhost:{port}", f"localhost:{port}", authority)
        finally:
            process.terminate()
            process.wait(PATIENCE)


def password_file(directory: Path) -> dict[str, Any]:
    """The `auth` of a registry that wants USER and PASSWORD."""
    path = directory / "htpasswd"
    path.write_text(f"{USER}:{_HTPASSWD}\n")
    return {"htpasswd": {"realm": "test", "path": str(path)}}


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _certificates(directory: Path) -> tuple[dict[str, str], str]:
    now = datetime.now(UTC)
    authority = Authority.create(now)
    leaf = authority.issue(["localhost", "127.0.0.1"], now)
    certificate, key = directory / "tls.crt", directory / "tls.key"
    certificate.write_bytes(leaf.certificate)
    key.write_bytes(leaf.key)
    return {"certificate": str(certificate), "key": str(key)}, authority.certificate.decode()


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as probe:
            probe.settimeout(PATIENCE)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
    pytest.fail(f"the registry does not start: {log.read_text()}")
