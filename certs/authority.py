"""A certificate authority and the leaves that it issues: PEM in values, no files, no clock."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Self, cast

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import (
    CertificateIssuerPrivateKeyTypes,
    CertificateIssuerPublicKeyTypes,
    PrivateKeyTypes,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

Name = str | IPv4Address | IPv6Address

AUTHORITY_LIFETIME = timedelta(days=365)
LEAF_LIFETIME = timedelta(days=30)
SKEW = timedelta(hours=1)
"""How far before now a certificate is valid already: clocks of nodes differ."""

_MAX_COMMON_NAME = 64  # RFC 5280, ub-common-name


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate and its private key, both PEM.

    Raises ValueError or TypeError where one cannot be read, or they do not belong together.
    """

    certificate: bytes
    key: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if self.x509.public_key() != private_key(self.key).public_key():
            raise ValueError("the key does not belong to the certificate")

    @property
    def x509(self) -> x509.Certificate:
        """The certificate parsed; of a chain the first, the one that the key belongs to."""
        return x509.load_pem_x509_certificate(self.certificate)

    @property
    def expires(self) -> datetime:
        """The end of the certificate's validity, in UTC."""
        return self.x509.not_valid_after_utc

    def is_valid(self, now: datetime) -> bool:
        """Whether `now` lies within the validity."""
        return self.x509.not_valid_before_utc <= now < self.expires

    def is_fresh(self, now: datetime) -> bool:
        """Whether it is valid and more than a third of its life is left; then comes renewal."""
        lifetime = self.expires - self.x509.not_valid_before_utc
        return self.is_valid(now) and self.expires - now > lifetime / 3


@dataclass(frozen=True, slots=True)
class Leaf(Pair):
    """A server's certificate. `authority` is what clients trust it by (PEM), empty if unknown."""

    authority: bytes = b""

    def covers(self, names: Sequence[Name]) -> bool:
        """Whether a client that calls the server by any of `names` accepts the certificate."""
        known = set(_alternative_names(self.x509))
        return all(known & {name, _wildcard(name)} for name in map(general_name, names))


@dataclass(frozen=True, slots=True)
class Authority(Pair):
    """A certificate authority."""

    @classmethod
    def create(
        cls,
        now: datetime,
        lifetime: timedelta = AUTHORITY_LIFETIME,
        name: str = "Spanhook authority",
    ) -> Self:
        """A new, self-signed authority that may issue leaves only."""
        key = ec.generate_private_key(ec.SECP256R1())
        # The serial is in the name: a client that keeps two authorities of one name may try the
        # wrong one.
        serial = x509.random_serial_number()
        subject = _subject(f"{name} {serial:x}"[:_MAX_COMMON_NAME])
        builder = (
            _builder(subject, subject, key.public_key(), (now - SKEW, now + lifetime))
            .serial_number(serial)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_key_usage(signs_certificates=True), critical=True)
        )
        return cls(_pem(builder.sign(key, hashes.SHA256())), _key_pem(key))

    def issue(
        self, names: Sequence[Name], now: datetime, lifetime: timedelta = LEAF_LIFETIME
    ) -> Leaf:
        """A server certificate for DNS names and addresses; it never outlives the authority.

        Raises ValueError where `names` is empty.
        """
        if not names:
            raise ValueError("a server certificate needs a name")
        key = ec.generate_private_key(ec.SECP256R1())
        signer = cast(CertificateIssuerPrivateKeyTypes, private_key(self.key))
        validity = (now - SKEW, min(now + lifetime, self.expires))
        builder = (
            _builder(
                _subject(str(names[0])[:_MAX_COMMON_NAME]),
                self.x509.subject,
                key.public_key(),
                validity,
            )
            .serial_number(x509.random_serial_number())
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(_key_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(
                x509.SubjectAlternativeName(list(dict.fromkeys(map(general_name, names)))),
                critical=False,
            )
            .add_extension(_authority_identifier(self.x509), critical=False)
        )
        return Leaf(_pem(builder.sign(signer, hashes.SHA256())), _key_pem(key), self.certificate)

    def issued(self, certificate: bytes) -> bool:
        """Whether this authority signed the certificate (PEM). Raises ValueError if unreadable."""
        leaf = x509.load_pem_x509_certificate(certificate)
        try:
            leaf.verify_directly_issued_by(self.x509)
        except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
            return False  # names, kinds of key or signature differ
        return True


def private_key(pem: bytes) -> PrivateKeyTypes:
    """Read a private key. Raises ValueError or TypeError where it is no unencrypted PEM."""
    return serialization.load_pem_private_key(pem, password=None)


def general_name(name: Name) -> x509.GeneralName:
    """A name as it stands in a certificate: text that reads as an address is one."""
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(str(name))


def _wildcard(name: x509.GeneralName) -> x509.GeneralName:
    """`*.example` for `a.example`: the only place where clients accept a star (RFC 6125)."""
    _, dot, parent = str(name.value).partition(".")
    return x509.DNSName(f"*.{parent}") if dot and isinstance(name, x509.DNSName) else name


def _alternative_names(certificate: x509.Certificate) -> Sequence[x509.GeneralName]:
    try:
        return list(
            certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        )
    except (x509.ExtensionNotFound, x509.DuplicateExtension, ValueError):
        return ()  # none, or none that anybody could read: clients would refuse it too


def _subject(common_name: str) -> x509.Name:
    organization = x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Spanhook")
    return x509.Name([organization, x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    validity: tuple[datetime, datetime],
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .not_valid_before(validity[0])
        .not_valid_after(validity[1])
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _authority_identifier(authority: x509.Certificate) -> x509.AuthorityKeyIdentifier:
    try:
        identifier = authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    except x509.ExtensionNotFound:  # an authority that a person made
        key = cast(CertificateIssuerPublicKeyTypes, authority.public_key())
        return x509.AuthorityKeyIdentifier.from_issuer_public_key(key)
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier)


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
