"""Authorities and leaves for tests, each made once: keys take time."""

from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import NameOID

from certs.authority import Authority, Leaf, Pair

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
NAMES = ("spanhook-webhook.spanhook-system.svc", "localhost")

_authorities: dict[tuple[str, int], Authority] = {}


def authority(name: str, age: int = 0) -> Authority:
    """The authority of that name, made `age` days ago."""
    key = (name, age)
    if key not in _authorities:
        _authorities[key] = Authority.create(NOW - timedelta(days=age), name=name)
    return _authorities[key]


@cache
def leaf(name: str, age: int = 0, names: tuple[str, ...] = NAMES, authority_age: int = 0) -> Leaf:
    """A leaf of the authority, made `age` days ago."""
    return authority(name, authority_age).issue(names, NOW - timedelta(days=age))


def by_hand(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey,
    *,
    is_authority: bool,
    names: tuple[str, ...] = NAMES,
) -> Pair:
    """A self-signed certificate with as little in it as people get by with."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "by hand")])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=300))
    )
    if is_authority:
        extension: x509.ExtensionType = x509.BasicConstraints(ca=True, path_length=None)
    else:
        extension = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
    digest = None if isinstance(key, ed25519.Ed25519PrivateKey) else hashes.SHA256()
    certificate = builder.add_extension(extension, critical=False).sign(key, digest)
    return Pair(
        certificate.public_bytes(serialization.Encoding.PEM),
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
    )
