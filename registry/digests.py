"""Content digests: which ones are understood, and whether content is what its digest says."""

import hashlib
import re
from typing import Protocol

from registry.errors import DigestMismatch, Malformed, shown

# The algorithms that the OCI image specification registers and implementations have.
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128}")


class _Hash(Protocol):
    def update(self, data: bytes, /) -> None: ...

    def hexdigest(self) -> str: ...


def checked(text: str) -> str:
    """The digest itself. Raises Malformed where it is none that could be verified."""
    if not _DIGEST.fullmatch(text):
        raise Malformed(f"{shown(text)!r} is not a digest that can be verified")
    return text


class Verifier:
    """Content on its way in, against the digest that it should have."""

    def __init__(self, digest: str) -> None:
        self.digest = checked(digest)
        self._hash: _Hash = hashlib.new(digest.partition(":")[0], usedforsecurity=True)

    def update(self, data: bytes) -> None:
        """Take the next piece."""
        self._hash.update(data)

    def verify(self, what: str) -> None:
        """Raise DigestMismatch where all that came is not what the digest says."""
        found = f"{self.digest.partition(':')[0]}:{self._hash.hexdigest()}"
        if found != self.digest:
            raise DigestMismatch(f"{what} has the digest {found} instead of {self.digest}")


def verify(digest: str, content: bytes, what: str) -> None:
    """Raise DigestMismatch where content is not what its digest says, Malformed as `checked`."""
    verifier = Verifier(digest)
    verifier.update(content)
    verifier.verify(what)


def of(content: bytes) -> str:
    """The digest of content that came without one."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"
