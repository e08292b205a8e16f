"""The credentials that `docker login` left on this machine.

Credential helpers are programs that hold credentials elsewhere; they are not called. Who needs one
is told so when a registry refuses, not before: most images need no credentials.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from console.manifests.errors import InputError
from registry.keyring import Credential, Keyring, KeyringError, parse

_PROGRAM = "docker-credential-"
_HUB = "docker.io"
_HUB_KEYS = ("https://index.docker.io/v1/", "index.docker.io", "docker.io")
_NOTHING = Credential()


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the file `path` holds, and which hosts it leaves to a helper ("" of `store`: none)."""

    path: Path
    keyring: Keyring = field(default_factory=Keyring)
    helpers: Mapping[str, str] = field(default_factory=dict)
    store: str = ""

    def helper(self, host: str) -> str | None:
        """The helper program that would have a host's credentials; None where the file has them."""
        if self.keyring.candidates(f"{host}/any"):
            return None
        keys = _HUB_KEYS if host == _HUB else (host, f"https://{host}")
        name = next((self.helpers[key] for key in keys if key in self.helpers), self.store)
        return f"{_PROGRAM}{name}" if name else None


def read(environment: Mapping[str, str], home: Path) -> Credentials:
    """The credentials in `$DOCKER_CONFIG/config.json`, else in `~/.docker`; none without a file.

    Raises InputError, which names the file and never what is in it.
    """
    folder = environment.get("DOCKER_CONFIG")
    path = (Path(folder) if folder else home / ".docker") / "config.json"
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return Credentials(path)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from error
    try:
        keyring = parse(content)
    except KeyringError as error:
        raise InputError(f"{path}: {error}") from error
    # With a helper, `docker login` leaves an entry without content.
    entries = tuple(entry for entry in keyring.entries if entry[1] != _NOTHING)
    document = json.loads(content)
    helpers, store = document.get("credHelpers"), document.get("credsStore")
    return Credentials(
        path,
        Keyring(entries),
        {str(host): str(name) for host, name in helpers.items()}
        if isinstance(helpers, dict)
        else {},
        store if isinstance(store, str) else "",
    )
