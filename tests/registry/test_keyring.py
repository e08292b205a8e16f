"""Docker's configuration format, and who gets which credentials."""

import base64
import json
import traceback
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.keyring import Credential, Keyring, KeyringError, parse, parse_legacy


def encoded(text: str) -> str:
    """Text as `auth` has it."""
    return base64.b64encode(text.encode()).decode()


def keyring(**auths: Any) -> Keyring:
    """The keyring of a configuration; the entries by name."""
    return parse(json.dumps({"auths": auths}).encode())


def users(ring: Keyring, name: str) -> list[str]:
    """The users whose credentials fit a name, in order."""
    return [credential.username for credential in ring.candidates(name)]


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"username": "u", "password": "p"}, Credential("u", "p")),
        ({"auth": encoded("u:p:q")}, Credential("u", "p:q")),
        ({"auth": encoded("u:p").rstrip("=")}, Credential("u", "p")),
        ({"auth": encoded("u:p"), "username": "x", "password": "y"}, Credential("u", "p")),
        ({"auth": encoded("u:p\0\0")}, Credential("u", "p")),
        ({"username": "u", "identitytoken": "t"}, Credential("u", "", "t")),
        ({"username": "<token>", "password": "t"}, Credential("", "", "t")),
        ({"username": "u", "password": None, "email": "x"}, Credential("u", "")),
    ],
    ids=["plain", "auth", "unpadded", "auth wins", "zeros", "identity", "token user", "null"],
)
def test_entries(entry: dict[str, Any], expected: Credential) -> None:
    """A credential is `auth` decoded, else user and password, or an identity token."""
    assert keyring(**{"r.corp": entry}).candidates("r.corp/app") == (expected,)


# The rows of kubelet's rule: key, name, whether it fits.
MATCHES = [
    ("r.corp", "r.corp/app", True),
    ("r.corp", "r.corp/team/app", True),
    ("https://r.corp", "r.corp/app", True),
    ("http://r.corp/", "r.corp/app", True),
    ("https://r.corp/v1/", "r.corp/app", True),
    ("https://r.corp/v2/team", "r.corp/team/app", True),
    ("r.corp/team", "r.corp/team/app", True),
    ("r.corp/team", "r.corp/teams/app", True),
    ("r.corp/team", "r.corp/other/app", False),
    ("r.corp", "r.corp:5000/app", False),
    ("r.corp:5000", "r.corp:5000/app", True),
    ("r.corp:5000", "r.corp/app", False),
    ("*.corp", "r.corp/app", True),
    ("*.corp", "a.r.corp/app", False),
    ("*.*.corp", "a.r.corp/app", True),
    ("r*.corp", "reg.corp/app", True),
    ("[^x]*.corp", "r.corp/app", True),
    ("[^r]*.corp", "r.corp/app", False),
    ("*.corp", "corp/app", False),
    ("[::1]:5000", "[::1]:5000/app", True),
    ("[::1]", "[::1]/app", True),
    ("docker.io", "docker.io/library/python", True),
    ("https://index.docker.io/v1/", "docker.io/library/python", True),
    ("index.docker.io", "docker.io/team/app", True),
    ("https://index.docker.io/v1/", "quay.io/team/app", False),
]


@pytest.mark.parametrize(
    ("key", "name", "fits"), MATCHES, ids=[f"{key} {name}" for key, name, _ in MATCHES]
)
def test_matching(key: str, name: str, fits: bool) -> None:
    """Hosts match part by part with wildcards, ports exactly, paths as prefixes."""
    assert bool(keyring(**{key: {"username": "u", "password": "p"}}).candidates(name)) == fits


def test_the_most_specific_is_tried_first() -> None:
    """All that fit are tried, a path's before its host's."""
    ring = keyring(
        **{
            "r.corp": {"username": "host", "password": "p"},
            "r.corp/team/app": {"username": "app", "password": "p"},
            "r.corp/team": {"username": "team", "password": "p"},
        }
    )

    assert users(ring, "r.corp/team/app") == ["app", "team", "host"]
    assert users(ring, "r.corp/other") == ["host"]


def test_not_all_that_fit_are_tried() -> None:
    """Each costs requests: of hundreds that fit the eight most specific are tried."""
    auths = {f"r.corp{'/a' * depth}": {"auth": encoded(f"{depth}:p")} for depth in range(200)}

    assert users(keyring(**auths), f"r.corp{'/a' * 300}") == [str(199 - at) for at in range(8)]


def test_secrets_are_tried_in_order() -> None:
    """Of two Secrets for the same host the first one's credential comes first."""
    both = keyring(**{"r.corp": {"username": "one", "password": "p"}}) + keyring(
        **{"r.corp": {"username": "two", "password": "p"}}
    )

    assert users(both, "r.corp/app") == ["one", "two"]


def test_hubs_own_name_gives_way() -> None:
    """The credential for Docker Hub's old name counts where none is for its present one."""
    ring = keyring(
        **{
            "https://index.docker.io/v1/": {"username": "old", "password": "p"},
            "docker.io/team": {"username": "team", "password": "p"},
        }
    )

    assert users(ring, "docker.io/team/app") == ["team"]
    assert users(ring, "docker.io/library/python") == ["old"]


def test_legacy_format() -> None:
    """`.dockercfg` is the same without `auths`."""
    document = json.dumps({"r.corp": {"username": "u", "password": "p"}}).encode()

    assert parse_legacy(document).candidates("r.corp/app") == (Credential("u", "p"),)


@pytest.mark.parametrize("document", [b"{}", b'{"auths": null}', b'{"credsStore": "x"}'])
def test_nothing_is_no_credentials(document: bytes) -> None:
    """A configuration without credentials is an empty keyring; helpers are not called."""
    assert parse(document) == Keyring()


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"[]",
        b"\xff",
        b'{"auths": []}',
        b'{"auths": {"r.corp": "hunter2"}}',
        b'{"auths": {"r.corp": {"auth": "hunter2 is no base64"}}}',
        b'{"auths": {"r.corp": {"auth": "' + base64.b64encode(b"hunter2") + b'"}}}',
        b'{"auths": {"r.corp": {"auth": "' + base64.b64encode(b"\xff:hunter2") + b'"}}}',
        b'{"auths":' * 10_000,
    ],
    ids=["empty", "list", "bytes", "auths", "entry", "base64", "colon", "text", "deep"],
)
def test_refused(document: bytes) -> None:
    """What the kubelet would not read is refused, and the error does not give secrets away."""
    with pytest.raises(KeyringError) as refusal:
        parse(document)

    assert "hunter2" not in str(refusal.value)
    shown = "".join(traceback.format_exception(refusal.value))
    assert "hunter2" not in shown


def test_secrets_are_not_shown() -> None:
    """A credential's representation has nothing of it."""
    assert "hunter2" not in repr(keyring(**{"r.corp": {"auth": encoded("u:hunter2")}}))
    assert "hunter2" not in repr(Credential("u", "", "hunter2"))


@given(st.binary(max_size=200))
def test_any_bytes_are_survived(document: bytes) -> None:
    """Bytes are a keyring or an error of the one kind."""
    try:
        ring = parse(document)
    except KeyringError:
        return
    assert isinstance(ring, Keyring)


@given(
    st.dictionaries(st.text(max_size=30), st.just({"username": "u", "password": "p"}), max_size=4),
    st.from_regex(r"[a-z.*?\[\]:]{1,20}/[a-z/]{0,20}", fullmatch=True),
)
def test_any_names_are_survived(auths: dict[str, Any], name: str) -> None:
    """Names of registries are whatever people write; looking one up always ends."""
    assert isinstance(keyring(**auths).candidates(name), tuple)
