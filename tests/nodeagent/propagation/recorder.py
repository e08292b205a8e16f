"""What callers send, byte by byte: the oracle of what may have been changed on the way."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from tests.waiting import until

_BLANK = b"\r\n\r\n"
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
_SWITCHED = b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_PART = 1 << 16
_SECONDS = 60

LINE = re.compile(rb"Traceparent: 00-([0-9a-f]{32})-([0-9a-f]{16})-(0[01])\r\n")
"""The header that is put in."""


class Recorder:
    """A server that keeps what it receives, connection by connection."""

    def __init__(self, port: int) -> None:
        self.connections: list[tuple[bytearray, int]] = []
        self._port = port

    def __repr__(self) -> str:
        return f"<Recorder {self.address}>"

    @property
    def address(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self._port}"

    @property
    def url(self) -> str:
        """Where requests go, up to their path."""
        return f"http://{self.address}"

    def received(self, least: int = 0) -> bytes:
        """What came on all connections, one after the other, when it is so much; begins anew."""
        until(lambda: sum(len(one) - at for one, at in self.connections) >= least, "bytes")
        taken = [bytes(one[place:]) for one, place in self.connections]
        self.connections = [(one, len(one)) for one, _ in self.connections]
        return b"".join(taken)

    def accept(self, listener: socket.socket) -> None:
        """Serve until the listener is closed."""
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                kept = bytearray()
                self.connections.append((kept, 0))
                threading.Thread(target=_serve, args=(connection, kept), daemon=True).start()


@contextmanager
def recording() -> Iterator[Recorder]:
    """A recorder while it runs."""
    with socket.create_server(("127.0.0.1", 0), backlog=256) as listener:
        recorder = Recorder(listener.getsockname()[1])
        thread = threading.Thread(target=recorder.accept, args=(listener,), daemon=True)
        thread.start()
        yield recorder
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(_SECONDS)


def _serve(connection: socket.socket, kept: bytearray) -> None:
    """Answer requests; to what is none of HTTP/1.x, and after a switch, a byte for each part."""
    connection.settimeout(_SECONDS)
    done = 0
    with connection, suppress(OSError):
        while part := connection.recv(_PART):
            kept += part
            if not re.match(rb"[A-Z]+ ", kept) or done < 0:
                connection.sendall(b"+")
                continue
            while (end := _end(kept, done)) > 0:
                switch = b"\r\nUpgrade: x\r\n" in kept[done:end]
                connection.sendall(_SWITCHED if switch else _ANSWER)
                done = -1 if switch else end
                if switch:
                    break
            if b"\r\nExpect: 100-continue\r\n" in kept[done:] and kept.endswith(_BLANK):
                connection.sendall(_CONTINUE)


def _end(kept: bytearray, start: int) -> int:
    """Where the request ends that begins here; 0 when it is not there yet."""
    head = kept.find(_BLANK, start) + len(_BLANK)
    if head < len(_BLANK):
        return 0
    text = bytes(kept[start:head])
    if b"\r\nTransfer-Encoding: chunked\r\n" in text:
        end = kept.find(b"\r\n0" + _BLANK, head - 2)
        return end + 3 + len(_BLANK) if end >= 0 else 0
    length = re.search(rb"\r\nContent-Length: (\d+)\r\n", text)
    end = head + (int(length[1]) if length else 0)
    return end if end <= len(kept) else 0
