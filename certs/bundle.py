"""Bundles: certificates one after the other in PEM, as a caBundle has them.

Certificates in values are normalised (what this module writes), so that equal ones are equal bytes.
"""

from collections.abc import Iterable
from functools import lru_cache
from hashlib import sha256

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding


def read(pem: bytes) -> tuple[bytes, ...]:
    """The certificates of a bundle, each once; none for nothing but white space.

    Raises ValueError where it cannot be read.
    """
    if not pem.strip():
        return ()
    certificates = x509.load_pem_x509_certificates(pem)
    return tuple(dict.fromkeys(one.public_bytes(Encoding.PEM) for one in certificates))


def write(certificates: Iterable[bytes]) -> bytes:
    """A bundle of certificates, each once, in this order."""
    return b"".join(dict.fromkeys(certificates))


@lru_cache(maxsize=64)
def subject(certificate: bytes) -> str:
    """Whose it is, as RFC 4514 text. Raises ValueError where it cannot be read."""
    return x509.load_pem_x509_certificate(certificate).subject.rfc4514_string()


@lru_cache(maxsize=64)
def issuer(certificate: bytes) -> str:
    """Who signed it, as RFC 4514 text. Raises ValueError where it cannot be read."""
    return x509.load_pem_x509_certificate(certificate).issuer.rfc4514_string()


@lru_cache(maxsize=64)
def fingerprint(certificate: bytes) -> str:
    """SHA-256 of the DER form, hexadecimal. Raises ValueError where it cannot be read."""
    der = x509.load_pem_x509_certificate(certificate).public_bytes(Encoding.DER)
    return sha256(der).hexdigest()
