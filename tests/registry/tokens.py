"""A token server of the test's own, whose tokens Debian's docker-registry believes."""

import base64
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from certs.authority import Authority, Leaf, private_key

ISSUER, SERVICE = "test issuer", "test registry"


@dataclass(slots=True)
class TokenServer:
    """What it signs with, whom it believes, and which scopes it was asked for."""

    leaf: Leaf
    authority_file: Path
    password: str
    port: int = 0
    scopes: list[str] = field(default_factory=list)

    @property
    def host(self) -> str:
        """Host and port."""
        return f"localhost:{self.port}"

    @property
    def auth(self) -> dict[str, Any]:
        """The `auth` of a registry that believes this server."""
        return {
            "token": {
                "realm": f"http://{self.host}/token",
                "service": SERVICE,
                "issuer": ISSUER,
                "rootcertbundle": str(self.authority_file),
            }
        }

    def token(self, scope: str) -> str:
        """A token for a scope, as JSON Web Token that carries its certificate."""
        kind, name, actions = scope.split(":")
        now = int(time.time())
        certificate = x509.load_pem_x509_certificate(self.leaf.certificate)
        der = certificate.public_bytes(serialization.Encoding.DER)
        header = {"typ": "JWT", "alg": "ES256", "x5c": [base64.b64encode(der).decode()]}
        claims = {
            "iss": ISSUER,
            "sub": "reader",
            "aud": SERVICE,
            "exp": now + 300,
            "nbf": now - 10,
            "iat": now,
            "jti": "1",
            "access": [{"type": kind, "name": name, "actions": actions.split(",")}],
        }
        signed = ".".join(_encoded(json.dumps(part).encode()) for part in (header, claims))
        return f"{signed}.{_encoded(self._signature(signed.encode()))}"

    def _signature(self, data: bytes) -> bytes:
        key = cast(ec.EllipticCurvePrivateKey, private_key(self.leaf.key))
        r, s = decode_dss_signature(key.sign(data, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32) + s.to_bytes(32)


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@contextmanager
def issuing(directory: Path, password: str) -> Iterator[TokenServer]:
    """A token server for whoever has the password, stopped at the end."""
    now = datetime.now(UTC)
    authority = Authority.create(now)
    file = directory / "tokens.crt"
    file.write_bytes(authority.certificate)
    tokens = TokenServer(authority.issue(["localhost"], now), file, password)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            encoded = self.headers.get("Authorization", "").removeprefix("Basic ")
            _, _, given = base64.b64decode(encoded).decode().partition(":")
            if given != tokens.password:
                self.send_error(401)
                return
            (scope,) = parse_qs(urlsplit(self.path).query)["scope"]
            tokens.scopes.append(scope)
            body = json.dumps({"token": tokens.token(scope), "expires_in": 300}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    tokens.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield tokens
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
