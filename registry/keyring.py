"""Credentials in Docker's configuration format, and which of them an image gets.

Names match as the kubelet matches them (pkg/credentialprovider/keyring.go): hosts part by part with
wildcards, ports exactly, paths as prefixes; the most specific first, then the others in order.
Credential helpers are not called.
"""

import base64
import binascii
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TypeVar

import msgspec
from msgspec import Struct

from registry.errors import shown

T = TypeVar("T")

# A user name that says: the password is an identity token (Docker's command line writes it).
_TOKEN_USER = "<token>"  # noqa: S105  # a name, not a secret
_HUB = "docker.io"
_HUB_KEY = "index.docker.io"
_CANDIDATES = 8
"""Each costs a request, or two: whoever writes a Secret does not decide how many we send."""
_SCHEMES = ("https://", "http://")
_VERSIONS = ("/v1/", "/v2/")


class KeyringError(ValueError):
    """A configuration cannot be read; the text names the entry, never what is in it."""


@dataclass(frozen=True, slots=True)
class Credential:
    """A user and password, or an identity token that is exchanged for access tokens."""

    username: str = field(default="", repr=False)
    """Some registries take API tokens as names."""
    password: str = field(default="", repr=False)
    identity_token: str = field(default="", repr=False)

    @property
    def basic(self) -> str:
        """The value of an Authorization header."""
        text = f"{self.username}:{self.password}".encode()
        return f"Basic {base64.b64encode(text).decode()}"


@dataclass(frozen=True, slots=True)
class Keyring:
    """Credentials by what they are for: host, or host and path, in the order they are tried."""

    entries: tuple[tuple[str, Credential], ...] = ()

    def __add__(self, other: "Keyring") -> "Keyring":
        """Both; of what is equally specific the left one's is tried first."""
        return _sorted((*self.entries, *other.entries))

    def candidates(self, name: str) -> tuple[Credential, ...]:
        """Credentials to try in turn for `host/path`, 8 at most; none where nothing matches."""
        found = [credential for key, credential in self.entries if _matches(key, name)]
        if not found and name.partition("/")[0] == _HUB:
            found = [credential for key, credential in self.entries if key == _HUB_KEY]
        return tuple(dict.fromkeys(found))[:_CANDIDATES]


class _Entry(Struct, rename={"identity_token": "identitytoken"}):
    username: str | None = None
    password: str | None = None
    auth: str | None = None
    identity_token: str | None = None


class _Document(Struct):
    auths: dict[str, _Entry] | None = None


def parse(document: bytes) -> Keyring:
    """The credentials of a Secret's `.dockerconfigjson`. Raises KeyringError."""
    return _keyring(_decode(document, _Document).auths or {})


def parse_legacy(document: bytes) -> Keyring:
    """The credentials of a Secret's `.dockercfg`. Raises KeyringError."""
    return _keyring(_decode(document, dict[str, _Entry]))


def _decode(document: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(document, type=kind)
    except (msgspec.MsgspecError, RecursionError, UnicodeError) as error:
        raise KeyringError(f"not Docker's configuration format: {error}") from None


def _keyring(entries: Mapping[str, _Entry]) -> Keyring:
    return _sorted((_key(name), _credential(name, entry)) for name, entry in entries.items())


def _sorted(entries: Iterable[tuple[str, Credential]]) -> Keyring:
    # Backwards, so that `host/path` stands before `host`; equal keys stay in the order they came.
    return Keyring(tuple(sorted(entries, key=lambda entry: entry[0], reverse=True)))


def _key(name: str) -> str:
    for scheme in _SCHEMES:
        name = name.removeprefix(scheme)
    host, slash, path = name.partition("/")
    path = slash + path
    if path.startswith(_VERSIONS):  # Docker's own name for its registry is a versioned address
        path = path[len("/v1") :]
    return host if path == "/" else host + path


def _credential(name: str, entry: _Entry) -> Credential:
    username, password = entry.username or "", entry.password or ""
    if entry.auth:
        username, password = _decoded(name, entry.auth)
    if entry.identity_token:
        return Credential(username, "", entry.identity_token)
    if username == _TOKEN_USER:
        return Credential("", "", password)
    return Credential(username, password)


def _decoded(name: str, auth: str) -> tuple[str, str]:
    text = auth.strip()
    try:
        plain = base64.b64decode(text + "=" * (-len(text) % 4), validate=True).decode()
    except (binascii.Error, UnicodeError):
        raise KeyringError(f"{shown(name)}: `auth` is not base64 of text") from None
    username, colon, password = plain.partition(":")
    if not colon:
        raise KeyringError(f"{shown(name)}: `auth` is not base64 of user:password")
    return username, password.strip("\0")


def _matches(key: str, name: str) -> bool:
    (key_host, key_path), (host, path) = _split(key), _split(name)
    (key_parts, key_port), (parts, port) = _address(key_host), _address(host)
    return (
        key_port == port
        and len(key_parts) == len(parts)
        and path.startswith(key_path)
        and all(map(fnmatchcase, parts, key_parts))
    )


def _split(name: str) -> tuple[str, str]:
    host, slash, path = name.partition("/")
    return host, slash + path


def _address(host: str) -> tuple[list[str], str]:
    """The host's parts and the port; the colons of a bracketed address are none of a port."""
    name, _, port = host.rpartition(":") if ":" in host.rpartition("]")[2] else (host, "", "")
    if name.startswith("[") and ":" in name:
        name = name.strip("[]")
    return name.replace("[^", "[!").split("."), port
