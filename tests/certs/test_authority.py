import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from certs.authority import AUTHORITY_LIFETIME, LEAF_LIFETIME, Authority, Leaf, Pair

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def authority() -> Authority:
    """One authority for all tests: making keys takes time."""
    return Authority.create(NOW)


def test_authority_may_sign_leaves_only(authority: Authority) -> None:
    """The authority is a CA of path length 0 whose key signs certificates and nothing else."""
    extensions = authority.x509.extensions

    constraints = extensions.get_extension_for_class(x509.BasicConstraints)
    usage = extensions.get_extension_for_class(x509.KeyUsage)

    assert (constraints.critical, constraints.value.ca, constraints.value.path_length) == (
        True,
        True,
        0,
    )
    assert (usage.critical, usage.value.key_cert_sign, usage.value.digital_signature) == (
        True,
        True,
        False,
    )


def test_leaf_serves_only(authority: Authority) -> None:
    """A leaf is no CA and is for server authentication."""
    extensions = authority.issue(["a.example"], NOW).x509.extensions

    usage = extensions.get_extension_for_class(x509.ExtendedKeyUsage).value

    assert list(usage) == [ExtendedKeyUsageOID.SERVER_AUTH]
    assert not extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_leaf_points_at_its_authority(authority: Authority) -> None:
    """The leaf's authority key identifier is the authority's subject key identifier."""
    leaf = authority.issue(["a.example"], NOW)

    pointed = leaf.x509.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    own = authority.x509.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value

    assert own.digest == pointed.key_identifier
    assert authority.issued(leaf.certificate)
    assert authority.certificate == leaf.authority


def test_leaf_of_another_authority_is_not_ours(authority: Authority) -> None:
    """Two authorities do not take each other's leaves for their own."""
    other = Authority.create(NOW)

    assert not authority.issued(other.issue(["a.example"], NOW).certificate)
    assert authority.x509.subject != other.x509.subject


def test_validity_starts_in_the_past(authority: Authority) -> None:
    """Certificates are valid for clocks that are some minutes behind."""
    leaf = authority.issue(["a.example"], NOW)

    for pair in (authority, leaf):
        assert pair.is_valid(NOW - timedelta(minutes=30))
    assert authority.expires == NOW + AUTHORITY_LIFETIME
    assert leaf.expires == NOW + LEAF_LIFETIME


def test_leaf_does_not_outlive_its_authority(authority: Authority) -> None:
    """A leaf issued late ends with the authority."""
    late = authority.expires - timedelta(days=1)

    assert authority.expires == authority.issue(["a.example"], late).expires


@pytest.mark.parametrize(
    ("days", "fresh"),
    [
        pytest.param(0, True, id="new"),
        pytest.param(19, True, id="more than a third left"),
        pytest.param(21, False, id="less than a third left"),
        pytest.param(31, False, id="expired"),
        pytest.param(-2, False, id="not yet valid"),
    ],
)
def test_freshness(authority: Authority, days: int, fresh: bool) -> None:
    """A leaf is fresh until a third of its life is left."""
    assert fresh == authority.issue(["a.example"], NOW).is_fresh(NOW + timedelta(days=days))


@pytest.mark.parametrize(
    ("asked", "covered"),
    [
        pytest.param(["a.example"], True, id="one of several"),
        pytest.param(["a.example", "127.0.0.1"], True, id="name and address"),
        pytest.param(["0:0::1"], True, id="address written otherwise"),
        pytest.param(["b.example"], False, id="other name"),
        pytest.param(["a.example", "10.0.0.1"], False, id="one missing"),
    ],
)
def test_names_covered(authority: Authority, asked: list[str], covered: bool) -> None:
    """A leaf covers exactly the names and addresses that it was issued for."""
    leaf = authority.issue(["a.example", "127.0.0.1", "::1"], NOW)

    assert covered == leaf.covers(asked)


def test_names_that_cannot_be_read(authority: Authority) -> None:
    """A certificate whose names are garbage covers none, and breaks nobody who asks."""
    key = ec.generate_private_key(ec.SECP256R1())
    names = x509.UnrecognizedExtension(x509.SubjectAlternativeName.oid, b"\xff")
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(authority.x509.subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW)
        .not_valid_after(NOW + LEAF_LIFETIME)
        .add_extension(names, critical=False)
        .sign(key, hashes.SHA256())
    )
    encoding = serialization.Encoding.PEM
    form, secret = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    leaf = Leaf(certificate.public_bytes(encoding), key.private_bytes(encoding, form, secret))

    assert not leaf.covers(["a.example"])


def test_leaf_needs_a_name(authority: Authority) -> None:
    """A certificate for nobody is refused."""
    with pytest.raises(ValueError, match="needs a name"):
        authority.issue([], NOW)


def test_long_names_fit(authority: Authority) -> None:
    """A name longer than a common name may be is still covered."""
    name = "spanhook-webhook." + "n" * 60 + ".svc"

    assert authority.issue([name], NOW).covers([name])


def test_pair_must_belong_together(authority: Authority) -> None:
    """A certificate with another's key is refused when it is made."""
    leaf = authority.issue(["a.example"], NOW)

    with pytest.raises(ValueError, match="does not belong"):
        Pair(leaf.certificate, authority.key)


def test_keys_stay_out_of_logs(authority: Authority) -> None:
    """The text form of a pair does not show its key."""
    assert "PRIVATE" not in repr(authority)


def test_clients_accept_the_leaf(tmp_path: Path) -> None:
    """A client that trusts the authority shakes hands, with OpenSSL's strict checks on."""
    now = datetime.now(UTC)
    leaf = Authority.create(now).issue(["localhost"], now)
    client = ssl.create_default_context(cadata=leaf.authority.decode())
    client.verify_flags |= ssl.VERIFY_X509_STRICT

    assert _handshake(leaf, client, tmp_path) == "TLSv1.3"


def _handshake(leaf: Leaf, client: ssl.SSLContext, directory: Path) -> str | None:
    certificate, key = directory / "tls.crt", directory / "tls.key"
    certificate.write_bytes(leaf.certificate)
    key.write_bytes(leaf.key)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate, key)
    ours, theirs = socket.socketpair()
    ours.settimeout(10)
    theirs.settimeout(10)
    thread = threading.Thread(
        target=lambda: server.wrap_socket(theirs, server_side=True).close(), daemon=True
    )
    thread.start()
    with client.wrap_socket(ours, server_hostname="localhost") as connection:
        version = connection.version()
    thread.join(10)
    return version
