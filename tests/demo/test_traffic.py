import http.server
import threading
from collections.abc import Iterator

import pytest

from demo.ports import free_ports
from demo.traffic import VISITS, send


class _Shop(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self._answer(200)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self._answer(400 if b'"items": []' in body else 404 if b"unicorn" in body else 200)

    def _answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("content-length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_arguments: object) -> None:
        """Quiet."""


@pytest.fixture
def door() -> Iterator[int]:
    """A small shop on loopback."""
    with http.server.HTTPServer(("127.0.0.1", 0), _Shop) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def test_every_visit_is_sent_in_every_round(door: int) -> None:
    """A bounded number, in order, with the statuses that a shop answers."""
    seen = list(send(door, 2))

    assert [one.visit for one in seen] == [*VISITS, *VISITS]
    assert all(one.status == one.visit.expected for one in seen)
    assert all(one.seconds > 0 for one in seen)


def test_a_shop_that_is_closed() -> None:
    """No answer is status 0 and the reason, never an exception."""
    [port] = free_ports(1)

    first = next(iter(send(port, 1)))

    assert first.status == 0
    assert "refused" in first.text
