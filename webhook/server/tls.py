"""TLS: one context for the life of the server, whose certificate can change meanwhile."""

import ssl
import tempfile
from collections.abc import Callable
from pathlib import Path

from certs.authority import Leaf

Source = Callable[[], Leaf]
"""Gives the certificate to serve now. May raise; then the one in use stays."""


def server_context() -> ssl.SSLContext:
    """A context without a certificate; TLS 1.2 is the oldest that the API server speaks, too."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # kube-apiserver offers HTTP/2 to webhooks on loopback.
    context.set_alpn_protocols(["http/1.1"])
    return context


def load(context: ssl.SSLContext, leaf: Leaf) -> None:
    """Serve `leaf` on handshakes from now on. Raises ssl.SSLError; then nothing has changed."""
    # OpenSSL takes the certificate before it looks at the key: of a pair that does not fit, half
    # would stay.
    _load(server_context(), leaf)
    _load(context, leaf)


def _load(context: ssl.SSLContext, leaf: Leaf) -> None:
    # The ssl module reads files only; the directory is ours alone (0700) and gone at once.
    with tempfile.TemporaryDirectory(prefix="spanhook-") as directory:
        certificate, key = Path(directory, "tls.crt"), Path(directory, "tls.key")
        certificate.write_bytes(leaf.certificate)
        key.write_bytes(leaf.key)
        context.load_cert_chain(certificate, key)


class Certificate:
    """What is served, kept up to date with its source."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.context = server_context()
        self.leaf = source()
        load(self.context, self.leaf)

    def refresh(self) -> bool:
        """Take up what the source gives now; True if it changed.

        Raises what the source or OpenSSL raise; then the old certificate stays.
        """
        leaf = self._source()
        if leaf == self.leaf:
            return False
        load(self.context, leaf)
        self.leaf = leaf
        return True
