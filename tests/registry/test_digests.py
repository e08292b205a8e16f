"""Content digests."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.digests import Verifier, checked, of, verify
from registry.errors import DigestMismatch, Malformed


@pytest.mark.parametrize("algorithm", ["sha256", "sha384", "sha512"])
def test_content_is_what_its_digest_says(algorithm: str) -> None:
    """Each algorithm that registries use is verified."""
    digest = f"{algorithm}:{hashlib.new(algorithm, b'content').hexdigest()}"

    verify(digest, b"content", "x")
    with pytest.raises(DigestMismatch, match="instead of"):
        verify(digest, b"c0ntent", "x")


@pytest.mark.parametrize(
    "text",
    ["", "sha256:", "sha256:" + "A" * 64, "sha256:" + "a" * 63, "md5:" + "a" * 32, "../x"],
    ids=["empty", "no value", "upper case", "short", "md5", "path"],
)
def test_refused(text: str) -> None:
    """What cannot be verified is no digest."""
    with pytest.raises(Malformed, match="not a digest"):
        checked(text)


@given(st.lists(st.binary(max_size=20)))
def test_pieces(pieces: list[bytes]) -> None:
    """Content in pieces has the digest of the whole."""
    verifier = Verifier(of(b"".join(pieces)))
    for piece in pieces:
        verifier.update(piece)

    verifier.verify("x")
