"""The grammar of image references."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webhook.images.reference import Reference, canonical, parse

SHA = "sha256:" + "0123456789abcdef" * 4
HUB = "docker.io"

PARSED = [
    ("python", Reference(HUB, "library/python")),
    ("python:3.12-slim", Reference(HUB, "library/python", "3.12-slim")),
    ("grafana/grafana", Reference(HUB, "grafana/grafana")),
    ("docker.io/python", Reference(HUB, "library/python")),
    ("index.docker.io/library/python:3", Reference(HUB, "library/python", "3")),
    ("index.docker.io/acme/app", Reference(HUB, "acme/app")),
    ("localhost/app:1", Reference("localhost", "app", "1")),
    ("localhost:5000/app", Reference("localhost:5000", "app")),
    ("localhost:5000", Reference(HUB, "library/localhost", "5000")),
    ("registry.corp:5000/team/a/b:v1", Reference("registry.corp:5000", "team/a/b", "v1")),
    ("127.0.0.1:30500/app", Reference("127.0.0.1:30500", "app")),
    ("[::1]:5000/app:2", Reference("[::1]:5000", "app", "2")),
    ("Registry/app", Reference("Registry", "app")),
    (f"python@{SHA}", Reference(HUB, "library/python", None, SHA)),
    (f"python:3.12@{SHA}", Reference(HUB, "library/python", "3.12", SHA)),
    ("a__b/c--d/e.f_g", Reference(HUB, "a__b/c--d/e.f_g")),
    ("app@sha512:" + "a" * 128, Reference(HUB, "library/app", None, "sha512:" + "a" * 128)),
]

REFUSED = [
    ("", "it is empty"),
    (":3", "it has no name"),
    ("docker.io/", "it has no name"),
    ("Python", "'Python' is not a part of a name"),
    ("my app", "'my app' is not a part of a name"),
    ("a//b", "'' is not a part of a name"),
    ("a/b/", "'' is not a part of a name"),
    ("a___b", "'a___b' is not a part of a name"),
    ("-a", "'-a' is not a part of a name"),
    ("${IMAGE}", "'${IMAGE}' is not a part of a name"),
    ("https://registry.corp/app", "'https:' is not a registry's host name and port"),
    ("registry.corp:port/app", "'registry.corp:port' is not a registry's host name and port"),
    ("app:", "a tag has 1 to 128"),
    ("app:-1", "a tag has 1 to 128"),
    ("app:" + "a" * 129, "a tag has 1 to 128"),
    ("app:1\n", "a tag has 1 to 128"),
    ("app\n", "is not a part of a name"),
    ("app:ü", "a tag has 1 to 128"),
    ("app@", "what follows @ must be a digest"),
    ("app@latest", "what follows @ must be a digest"),
    ("app@sha256:" + "a" * 63, "a sha256 digest has 64 lower-case hex digits"),
    ("app@sha256:" + "A" * 64, "a sha256 digest has 64 lower-case hex digits"),
    ("a" * 64, "64 hex digits are an image's identity"),
    ("b/" * 130 + "c", "the name is longer than 255 characters"),
]

CANONICAL = [
    ("python", "docker.io/library/python:latest"),
    ("python:3.12", "docker.io/library/python:3.12"),
    ("index.docker.io/python:3.12", "docker.io/library/python:3.12"),
    ("ghcr.io/acme/app", "ghcr.io/acme/app:latest"),
    (f"python@{SHA}", f"docker.io/library/python@{SHA}"),
    (f"python:3.12@{SHA}", f"docker.io/library/python@{SHA}"),
]


@pytest.mark.parametrize(("text", "expected"), PARSED, ids=[text[:40] for text, _ in PARSED])
def test_parse(text: str, expected: Reference) -> None:
    """A reference is split as container runtimes split it."""
    assert expected == parse(text)


@pytest.mark.parametrize(("text", "why"), REFUSED, ids=[repr(text[:40]) for text, _ in REFUSED])
def test_parse_refuses(text: str, why: str) -> None:
    """What no container runtime would pull is refused with the reason, and the text is quoted."""
    with pytest.raises(ValueError, match="is not an image reference") as refusal:
        parse(text)

    assert why in str(refusal.value)


@pytest.mark.parametrize(("text", "expected"), CANONICAL, ids=[text[:40] for text, _ in CANONICAL])
def test_canonical(text: str, expected: str) -> None:
    """An image has one canonical spelling; a digest leaves the tag out."""
    assert expected == canonical(text)


def test_long_texts_are_shortened() -> None:
    """An error quotes the beginning of a long text, not all of it."""
    with pytest.raises(ValueError, match="…") as refusal:
        parse("x" * 100_000)

    assert len(str(refusal.value)) < 300


def test_repository() -> None:
    """The repository is the reference without tag and digest."""
    assert parse(f"python:3@{SHA}").repository == "docker.io/library/python"


_part = st.from_regex(r"[a-z0-9]{1,6}((\.|_|__|-{1,3})[a-z0-9]{1,4}){0,2}", fullmatch=True)
_domain = st.one_of(
    st.from_regex(r"[a-zA-Z0-9]{1,5}(-[a-z0-9]{1,4})?\.[a-z]{2,5}(:[0-9]{1,5})?", fullmatch=True),
    st.sampled_from(["localhost", "localhost:5000", "docker.io", "[::1]:5000", "Upper"]),
)
_references = st.builds(
    lambda domain, parts, tag, digest: Reference(
        domain,
        "library/" * (domain == HUB and len(parts) == 1) + "/".join(parts),
        tag,
        digest,
    ),
    _domain,
    st.lists(_part, min_size=1, max_size=4),
    st.none() | st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}", fullmatch=True),
    st.none() | st.from_regex(r"sha256:[0-9a-f]{64}", fullmatch=True),
)


@given(_references)
def test_round_trip(reference: Reference) -> None:
    """A reference written out parses to itself; a canonical form is its own canonical form."""
    assert reference == parse(str(reference))
    assert canonical(str(reference)) == canonical(canonical(str(reference)))


@given(st.text())
def test_parse_raises_only_value_errors(text: str) -> None:
    """Any text either parses to a reference that parses again, or is a ValueError."""
    try:
        reference = parse(text)
    except ValueError:
        return
    assert reference == parse(str(reference))
