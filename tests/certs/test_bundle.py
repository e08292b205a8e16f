from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from certs import bundle
from tests.certs.making import authority, leaf

A, B = authority("A").certificate, authority("B").certificate


def test_what_is_written_is_read() -> None:
    """Certificates in their order, each once."""
    assert bundle.read(bundle.write([A, B, A])) == (A, B)


@pytest.mark.parametrize("text", [b"", b" \n"])
def test_nothing(text: bytes) -> None:
    """An empty bundle has no certificates."""
    assert bundle.read(text) == ()


def test_however_it_is_written() -> None:
    """Text between certificates, other line ends and repetitions do not matter."""
    text = b"# ours\r\n" + A.replace(b"\n", b"\r\n") + b"\n\nanother:\n" + B + A

    assert bundle.read(text) == (A, B)


def test_what_cannot_be_read() -> None:
    """Something else than certificates is an error."""
    with pytest.raises(ValueError, match="PEM"):
        bundle.read(b"what?")


def test_who_it_is() -> None:
    """Names as RFC 4514 writes them, and the SHA-256 of the DER form."""
    served = leaf("A")

    assert bundle.subject(A) == bundle.issuer(served.certificate)
    assert bundle.subject(A).startswith("CN=A ")
    assert bundle.subject(A).endswith(",O=Spanhook")
    der = served.x509.public_bytes(Encoding.DER)
    assert sha256(der).hexdigest() == bundle.fingerprint(served.certificate)
