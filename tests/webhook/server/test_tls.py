import ssl
import warnings
from datetime import UTC, datetime
from pathlib import Path

import pytest

from certs.authority import Authority, Leaf
from tests.webhook.server.serving import Client, Server, review, serving
from webhook.server.tls import Certificate, load, server_context


def served(server: Server) -> bytes | None:
    """The certificate (DER) that a new connection gets."""
    with server.client() as client:
        return client.socket.getpeercert(binary_form=True)


def replace_leaf(server: Server) -> None:
    """Put another leaf of the same authority in place, as another replica or a person would."""
    directory = server.cert_dir
    authority = Authority((directory / "ca.crt").read_bytes(), (directory / "ca.key").read_bytes())
    leaf = authority.issue(["localhost", "127.0.0.1", "::1"], datetime.now(UTC))
    (directory / "tls.key").write_bytes(leaf.key)
    (directory / "tls.crt").write_bytes(leaf.certificate)


def test_changed_certificate_is_taken_up(tmp_path: Path) -> None:
    """New connections get the new certificate; open ones go on."""
    with serving(tmp_path) as server, server.client() as before:
        first = served(server)
        replace_leaf(server)
        server.listener.hooks.refresh()

        assert served(server) != first
        assert before.post(review()).status == 200
        assert server.metric('spanhook_certificate_reloads_total{outcome="loaded"}') == 2


def test_broken_certificate_is_not_taken_up(tmp_path: Path) -> None:
    """Where the new certificate is broken the old one stays, and the metric says so."""
    with serving(tmp_path) as server:
        first = served(server)
        (server.cert_dir / "tls.crt").write_text("broken")
        server.listener.hooks.refresh()

        assert served(server) == first
        assert server.metric('spanhook_certificate_reloads_total{outcome="failed"}') == 1


def test_pair_that_openssl_refuses_changes_nothing() -> None:
    """A leaf that cannot be loaded leaves the context as it was."""
    now = datetime.now(UTC)
    authority = Authority.create(now)
    good = authority.issue(["localhost"], now)
    leaves = [good]
    certificate = Certificate(lambda: leaves[-1])
    chain = good.certificate + b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    leaves.append(Leaf(chain, good.key, good.authority))

    with pytest.raises(ssl.SSLError):
        certificate.refresh()

    assert certificate.leaf == good


def test_unchanged_certificate_is_not_loaded_again() -> None:
    """Refreshing tells whether something changed."""
    now = datetime.now(UTC)
    leaf = Authority.create(now).issue(["localhost"], now)
    certificate = Certificate(lambda: leaf)

    assert not certificate.refresh()


def test_old_tls_is_refused(tmp_path: Path) -> None:
    """TLS 1.1 is refused, by the rule and on the wire; the same client is served with 1.2."""
    with serving(tmp_path) as server:
        context = server.trust
        context.set_ciphers("DEFAULT:@SECLEVEL=0")  # ours would not even offer it otherwise
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.minimum_version = ssl.TLSVersion.TLSv1_1
            context.maximum_version = ssl.TLSVersion.TLSv1_1
        with pytest.raises(ssl.SSLError):
            Client(server.port, context)
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        with Client(server.port, context) as client:
            assert client.socket.version() == "TLSv1.2"

    assert server_context().minimum_version == ssl.TLSVersion.TLSv1_2


def test_client_with_another_authority_refuses_the_server(tmp_path: Path) -> None:
    """Trust is in this authority alone."""
    other = Authority.create(datetime.now(UTC))
    with serving(tmp_path) as server, pytest.raises(ssl.SSLCertVerificationError):
        Client(server.port, ssl.create_default_context(cadata=other.certificate.decode()))


def test_context_speaks_http_1_only(tmp_path: Path) -> None:
    """A client that offers HTTP/2, as the API server does on loopback, gets HTTP/1.1."""
    with serving(tmp_path) as server:
        context = server.trust
        context.set_alpn_protocols(["h2", "http/1.1"])
        with Client(server.port, context) as client:
            assert client.socket.selected_alpn_protocol() == "http/1.1"


def test_loading_leaves_no_files_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The key is on disk only while OpenSSL reads it."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    now = datetime.now(UTC)

    load(server_context(), Authority.create(now).issue(["localhost"], now))

    assert list(tmp_path.iterdir()) == []
