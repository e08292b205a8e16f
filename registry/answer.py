"""What a host answered: status, headers, and a body that is read within bounds."""

from collections.abc import Mapping

import aiohttp

from registry.errors import TooLarge
from registry.faults import translated

_HEAD_OVERHEAD = len(": \r\n")


class Answer:
    """One response. `crossed`: it comes from another origin than the one that was asked."""

    def __init__(self, response: aiohttp.ClientResponse, host: str, *, crossed: bool) -> None:
        self._response = response
        self.host = host
        self.crossed = crossed
        self.status = response.status
        self.headers: Mapping[str, str] = response.headers
        self._head_bytes = sum(
            len(name) + len(value) + _HEAD_OVERHEAD for name, value in response.raw_headers
        )

    @property
    def received(self) -> int:
        """Bytes that came in until now, those included that nobody has read yet."""
        return self._head_bytes + self._response.content.total_bytes

    @property
    def length(self) -> int | None:
        """The body's size as the head says it, if it does."""
        return self._response.content_length

    def all(self, name: str) -> list[str]:
        """The values of a header that may come more than once."""
        return self._response.headers.getall(name, [])

    async def chunk(self) -> bytes:
        """The next piece of the body, of bounded size; empty at its end."""
        with translated(self.host):
            return await self._response.content.readany()

    async def body(self, limit: int, what: str) -> bytes:
        """The whole body. Raises TooLarge before more than `limit` bytes are kept."""
        if (self.length or 0) > limit:
            raise TooLarge(f"{what} has {self.length} bytes, more than {limit}")
        body = bytearray()
        while chunk := await self.chunk():
            body += chunk
            if len(body) > limit:
                raise TooLarge(f"{what} has more than {limit} bytes")
        return bytes(body)

    async def discard(self, limit: int) -> None:
        """Read what is left, so that the connection can be used again, if it is little."""
        if (self.length or 0) > limit:
            return
        left = limit
        while left > 0 and (chunk := await self.chunk()):
            left -= len(chunk)

    def close(self) -> None:
        """Give the connection back, or close it where the body was not read to its end."""
        if self._response.content.at_eof():
            self._response.release()
        else:
            self._response.close()
