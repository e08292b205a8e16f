"""Certificates in a directory: `ca.crt`, `ca.key`, `tls.crt`, `tls.key`.

| ca.key | tls.crt                      | what happens                                        |
|--------|------------------------------|-----------------------------------------------------|
| –      | –, and no ca.crt             | a new authority and leaf                            |
| –      | there                        | somebody else's: used as it is, or an error         |
| there  | –, stale, or for other names | a new leaf of the same authority: nobody has to     |
|        |                              | trust anew                                          |
| there  | fresh, covers the names      | used as it is                                       |
| there  | not issued by ca.crt         | an error: it is not ours to overwrite               |

An authority too old to cover a whole leaf is replaced together with its leaf.
"""

import os
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from certs.authority import LEAF_LIFETIME, Authority, Leaf, Name, Pair, private_key

T = TypeVar("T")

CA_CERTIFICATE, CA_KEY, CERTIFICATE, KEY = "ca.crt", "ca.key", "tls.crt", "tls.key"


class CertificateFileError(Exception):
    """A file cannot be used; the text names the file and says why."""


@dataclass(frozen=True, slots=True)
class Directory:
    """Certificates in `path`; nothing is read before `ensure`."""

    path: Path

    @property
    def authority_file(self) -> Path:
        """The certificate that clients trust."""
        return self.path / CA_CERTIFICATE

    def ensure(self, names: Sequence[Name], now: datetime) -> Leaf:
        """A leaf that is valid at `now`, covers `names` and lies in the directory.

        Raises CertificateFileError where a file is broken, does not belong to the others, is not
        ours to replace, or cannot be written.
        """
        if not self._has(CA_KEY) and (self._has(CERTIFICATE) or self._has(CA_CERTIFICATE)):
            return self._given(names, now)
        kept = self._authority() if self._has(CA_KEY) else None
        leaf = self._leaf(kept) if kept is not None else None
        if leaf is not None and leaf.is_fresh(now) and leaf.covers(names):
            return leaf
        return self._renew(kept, names, now)

    def _renew(self, kept: Authority | None, names: Sequence[Name], now: datetime) -> Leaf:
        authority = (
            kept
            if kept is not None and kept.is_valid(now + LEAF_LIFETIME)
            else Authority.create(now)
        )
        leaf = authority.issue(names, now)
        if authority is not kept:
            self._write(CA_KEY, authority.key, 0o600)
            self._write(CA_CERTIFICATE, authority.certificate, 0o644)
        self._write(KEY, leaf.key, 0o600)
        self._write(CERTIFICATE, leaf.certificate, 0o644)
        return leaf

    def _given(self, names: Sequence[Name], now: datetime) -> Leaf:
        pair = self._pair(CERTIFICATE, KEY)
        trusted = self._read(CA_CERTIFICATE) if self._has(CA_CERTIFICATE) else b""
        leaf = Leaf(pair.certificate, pair.key, trusted)
        if not leaf.is_valid(now):
            raise CertificateFileError(
                f"{self.path / CERTIFICATE}: valid until {leaf.expires:%Y-%m-%d %H:%M} UTC only"
            )
        if not leaf.covers(names):
            missing = ", ".join(str(name) for name in names if not leaf.covers([name]))
            raise CertificateFileError(f"{self.path / CERTIFICATE}: is not for {missing}")
        return leaf

    def _authority(self) -> Authority:
        pair = self._pair(CA_CERTIFICATE, CA_KEY)
        return Authority(pair.certificate, pair.key)

    def _leaf(self, authority: Authority) -> Leaf | None:
        """The leaf that is there; None where none is, or a crash left one half of a new pair."""
        if not self._has(CERTIFICATE) or not self._has(KEY):
            return None
        certificate, key = self._read(CERTIFICATE), self._read(KEY)
        if not self._parse(CERTIFICATE, authority.issued, certificate):
            raise CertificateFileError(
                f"{self.path / CERTIFICATE}: was not issued by {CA_CERTIFICATE} beside it"
            )
        self._parse(KEY, private_key, key)
        try:
            return Leaf(certificate, key, authority.certificate)
        except ValueError:
            return None

    def _parse(self, name: str, read: Callable[[bytes], T], content: bytes) -> T:
        try:
            return read(content)
        except (ValueError, TypeError) as error:
            raise CertificateFileError(f"{self.path / name}: cannot be read: {error}") from error

    def _pair(self, certificate: str, key: str) -> Pair:
        parts = self._read(certificate), self._read(key)
        try:
            return Pair(*parts)
        except (ValueError, TypeError) as error:
            raise CertificateFileError(f"{self.path / certificate} and {key}: {error}") from error

    def _has(self, name: str) -> bool:
        return (self.path / name).exists()

    def _read(self, name: str) -> bytes:
        try:
            return (self.path / name).read_bytes()
        except OSError as error:
            raise CertificateFileError(f"{self.path / name}: {error.strerror}") from error

    def _write(self, name: str, content: bytes, mode: int) -> None:
        """Put a file in place: a reader sees the old one or the new one, never half of it."""
        temporary = ""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            descriptor, temporary = tempfile.mkstemp(
                prefix=f".{name}.", dir=self.path
            )  # mkstemp: mode 0600
            with os.fdopen(descriptor, "wb") as file:
                os.fchmod(descriptor, mode)
                file.write(content)
                file.flush()
                os.fsync(descriptor)
            Path(temporary).replace(self.path / name)
        except OSError as error:
            if temporary:
                Path(temporary).unlink(missing_ok=True)
            raise CertificateFileError(f"{self.path / name}: {error.strerror}") from error
