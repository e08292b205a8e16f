"""One write for one answer."""

from asyncio import AbstractEventLoop, Transport
from typing import Any


class Cork(Transport):
    """A transport that joins what is written in one go.

    uvicorn writes an answer's head and body apart: two TLS records and two system calls for
    something that fits into one of each. What is collected leaves with `flush`, or in the loop's
    next round.
    """

    def __init__(self, transport: Transport, loop: AbstractEventLoop) -> None:
        super().__init__()
        self._transport = transport
        self._loop = loop
        self._collected: list[bytes] = []

    def write(self, data: Any) -> None:
        """Collect; the first piece arranges for the flush."""
        if not self._collected:
            self._loop.call_soon(self.flush)
        self._collected.append(data)

    def flush(self) -> None:
        """Write what is collected, if anything is."""
        if self._collected:
            data = b"".join(self._collected)
            self._collected.clear()
            self._transport.write(data)

    def close(self) -> None:
        """Write what is collected, then close."""
        self.flush()
        self._transport.close()

    def abort(self) -> None:
        """Close without writing anything more."""
        self._collected.clear()
        self._transport.abort()

    def is_closing(self) -> bool:
        """Whether it is closed or about to be."""
        return self._transport.is_closing()

    def pause_reading(self) -> None:
        """Take no more from the peer for now."""
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        """Go on reading."""
        self._transport.resume_reading()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """What the wrapped transport knows."""
        return self._transport.get_extra_info(name, default)
