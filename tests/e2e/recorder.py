"""A collector that keeps what it is sent. It runs in a pod, with nothing but Python beside it.

POST of any path is kept as it came; GET /requests gives all of it, the bodies in base 64.
"""

import base64
import http.server
import json
from collections.abc import Iterator

PORT = 4318


class Handler(http.server.BaseHTTPRequestHandler):
    """Takes and gives."""

    protocol_version = "HTTP/1.1"
    kept: tuple[dict[str, str], ...] = ()

    def do_POST(self) -> None:
        """Keep a request."""
        body = b"".join(self._body())
        request = {
            "path": self.path,
            "type": self.headers["Content-Type"],
            "encoding": self.headers.get("Content-Encoding", ""),
            "body": base64.b64encode(body).decode(),
        }
        Handler.kept = (*Handler.kept, request)
        self._answer(b"")

    def do_GET(self) -> None:
        """Give all of them."""
        self._answer(json.dumps(Handler.kept).encode())

    def _body(self) -> Iterator[bytes]:
        """Node.js sends in chunks, the others say how long it is."""
        if self.headers.get("Transfer-Encoding") != "chunked":
            yield self.rfile.read(int(self.headers["Content-Length"]))
            return
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline().strip():
            continue

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    http.server.ThreadingHTTPServer(("", PORT), Handler).serve_forever()
