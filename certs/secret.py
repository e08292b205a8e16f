"""The data of the Secret: PEM by key, the way other programs look for it.

| key                        | what                                                              |
|----------------------------|-------------------------------------------------------------------|
| `ca.crt`, `ca.key`         | the authority that issued the leaf                                |
| `tls.crt`, `tls.key`       | the leaf that every replica serves                                |
| `ca-next.crt`, `.key`      | the authority that follows, while API servers learn of it         |
| `ca-previous.crt`          | authorities that came before, while something may still need them |

Somebody else's Secret (cert-manager's) has `tls.crt`, `tls.key` and mostly `ca.crt`; it is only
read.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from certs import bundle
from certs.authority import Authority, Leaf, Name, Pair, private_key
from certs.directory import CA_CERTIFICATE, CA_KEY, CERTIFICATE, KEY
from certs.holdings import Holdings, Time

NEXT_CERTIFICATE, NEXT_KEY, PREVIOUS = "ca-next.crt", "ca-next.key", "ca-previous.crt"
KEYS = (CA_CERTIFICATE, CA_KEY, CERTIFICATE, KEY, NEXT_CERTIFICATE, NEXT_KEY, PREVIOUS)

Data = Mapping[str, bytes]
T = TypeVar("T")

_UNREADABLE = (ValueError, TypeError, UnsupportedAlgorithm)
"""What cryptography raises for what it cannot make sense of."""


class SecretError(Exception):
    """What the Secret holds cannot be used; the text names the key and says why."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What can be used of a Secret, and a line for each key that cannot.

    An empty Secret is nothing of both. Of a broken one `holdings` has what another leaf can be made
    from, if the authority is sound.
    """

    holdings: Holdings | None
    problems: tuple[str, ...] = ()


def read(data: Data) -> Reading:
    """Read a Secret of our own; nothing is raised."""
    if not any(data.get(key) for key in KEYS):
        return Reading(None)
    problems: list[str] = []
    authority = _kept(problems, lambda: _authority(data, CA_CERTIFICATE, CA_KEY))
    if authority is None:
        return Reading(None, tuple(problems))
    leaf = _kept(problems, lambda: _leaf(data, authority))
    upcoming = _kept(problems, lambda: _upcoming(data))
    previous = _kept(problems, lambda: _certificates(data, PREVIOUS)) or ()
    return Reading(Holdings(authority, leaf, upcoming, previous), tuple(problems))


def write(holdings: Holdings) -> dict[str, bytes | None]:
    """Every key of ours with its content, None for one that is not to be there."""
    return {
        **_parts(CA_CERTIFICATE, CA_KEY, holdings.authority),
        **_parts(CERTIFICATE, KEY, holdings.leaf),
        **_parts(NEXT_CERTIFICATE, NEXT_KEY, holdings.upcoming),
        PREVIOUS: bundle.write(holdings.previous) or None,
    }


def provided(data: Data, names: Sequence[Name], time: Time) -> Leaf:
    """The certificate in somebody else's Secret. Raises SecretError where it does not do."""
    pair = _pair(data, CERTIFICATE, KEY)
    leaf = Leaf(pair.certificate, pair.key, bundle.write(_certificates(data, CA_CERTIFICATE)))
    if time.after(leaf):
        raise SecretError(f"{CERTIFICATE}: expired at {leaf.expires:%Y-%m-%d %H:%M} UTC")
    start = leaf.x509.not_valid_before_utc
    if start > time.latest:
        raise SecretError(f"{CERTIFICATE}: is not valid before {start:%Y-%m-%d %H:%M} UTC")
    missing = ", ".join(str(name) for name in names if not leaf.covers([name]))
    if missing:
        raise SecretError(f"{CERTIFICATE}: is not for {missing}")
    return leaf


def left_unrenewed(leaf: Pair, time: Time) -> timedelta | None:
    """How long a leaf is still valid that somebody should have renewed, None while it is early.

    cert-manager renews when a third of the life is left, unless told otherwise.
    """
    left = leaf.expires - time.latest
    lifetime = leaf.expires - leaf.x509.not_valid_before_utc
    return left if left < lifetime / 4 else None


def _parts(certificate: str, key: str, pair: Pair | None) -> dict[str, bytes | None]:
    if pair is None:
        return {certificate: None, key: None}
    return {certificate: pair.certificate, key: pair.key}


def _kept(problems: list[str], part: Callable[[], T]) -> T | None:
    try:
        return part()
    except SecretError as error:
        problems.append(str(error))
        return None


def _upcoming(data: Data) -> Authority | None:
    if not data.get(NEXT_CERTIFICATE) and not data.get(NEXT_KEY):
        return None
    return _authority(data, NEXT_CERTIFICATE, NEXT_KEY)


def _authority(data: Data, certificate: str, key: str) -> Authority:
    pair = _pair(data, certificate, key)
    if len(_certificates(data, certificate)) != 1:
        raise SecretError(f"{certificate}: holds several certificates, expected one")
    if not _is_authority(pair.x509):
        raise SecretError(f"{certificate}: is no authority's certificate")
    if not isinstance(private_key(pair.key), ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        raise SecretError(f"{key}: is neither ECDSA nor RSA")
    return Authority(_certificates(data, certificate)[0], pair.key)


def _leaf(data: Data, authority: Authority) -> Leaf:
    pair = _pair(data, CERTIFICATE, KEY)
    if not authority.issued(pair.certificate):
        raise SecretError(f"{CERTIFICATE}: was not issued by {CA_CERTIFICATE} beside it")
    return Leaf(pair.certificate, pair.key, authority.certificate)


def _pair(data: Data, certificate: str, key: str) -> Pair:
    for name in (certificate, key):
        if not data.get(name, b"").strip():
            raise SecretError(f"{name}: is missing")
    _certificates(data, certificate)
    try:
        private_key(data[key])
    except _UNREADABLE as error:
        raise SecretError(f"{key}: cannot be read: {_line(error)}") from error
    try:
        return Pair(data[certificate], data[key])
    except _UNREADABLE as error:
        raise SecretError(f"{key}: {_line(error)}") from error


def _certificates(data: Data, key: str) -> tuple[bytes, ...]:
    try:
        return bundle.read(data.get(key, b""))
    except _UNREADABLE as error:
        raise SecretError(f"{key}: cannot be read: {_line(error)}") from error


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        found = certificate.extensions.get_extension_for_class(x509.BasicConstraints)
    except (x509.ExtensionNotFound, x509.DuplicateExtension, *_UNREADABLE):
        return False
    return found.value.ca


def _line(error: Exception) -> str:
    """The first sentence; OpenSSL's list of reasons behind it helps nobody."""
    return str(error).partition(". ")[0].rstrip(".")
