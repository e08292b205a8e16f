"""HTTP to the API server with a client certificate, over connections that are kept."""

import http.client
import json
import select
import socket
import ssl
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from typing import Any, Self, cast
from urllib.parse import urlencode, urlsplit

from tests.cluster.certificates import Files

Headers = Iterable[tuple[str, str]]
"""Names and values; a name may come more than once."""

JSON = "application/json"

_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Response:
    """An answer: the status, the JSON body, the texts of the warnings that came with it."""

    status: int
    body: dict[str, Any]
    warnings: tuple[str, ...] = ()

    @property
    def message(self) -> str:
        """What the API server says about it: of a refusal the reason, else nothing."""
        return str(self.body.get("message", "")) if self.body.get("kind") == "Status" else ""


@dataclass(frozen=True, slots=True)
class Transport:
    """The way to one API server; threads share it, as many connections as ask at a time."""

    url: str
    context: ssl.SSLContext
    _idle: list[http.client.HTTPSConnection] = field(default_factory=list)

    @classmethod
    def create(cls, url: str, authority: Path, pair: Files | None = None) -> Self:
        """Trust `authority`, be who `pair` says; without it nobody, or who has a token."""
        context = ssl.create_default_context(cafile=authority)
        if pair is not None:
            context.load_cert_chain(pair.certificate, pair.key)
        return cls(url, context)

    def request(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        query: Mapping[str, str] | None = None,
        headers: Headers = (),
        content_type: str = JSON,
        accept: str = JSON,
    ) -> Response:
        """Ask once, JSON out and in. Raises OSError where no answer comes."""
        status, fields, content = self.raw(
            method,
            f"{path}?{urlencode(query)}" if query else path,
            None if body is None else json.dumps(body).encode(),
            [("Accept", accept), ("Content-Type", content_type), *headers],
        )
        warnings = tuple(_warning(line) for line in fields.get_all("Warning", []))
        return Response(status, _decoded(content), warnings)

    def raw(
        self, method: str, path: str, body: bytes | None = None, headers: Headers = ()
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        """Ask once; status, headers and body. Raises OSError where no answer comes."""
        connection = self._connection()
        fields: Message[str, str] = Message()  # a mapping that keeps names which come twice
        for name, value in headers:
            fields.add_header(name, value)
        try:
            connection.request(method, path, body, cast("Mapping[str, str]", fields))
            answer = connection.getresponse()
            content = answer.read()
        except BaseException as error:
            connection.close()
            if isinstance(error, http.client.HTTPException):  # half an answer is none
                raise ConnectionResetError(f"{method} {path}: {error!r}") from error
            raise
        self._idle.append(connection)
        return answer.status, answer.headers, content

    def close(self) -> None:
        """Close what is idle."""
        while self._idle:
            self._idle.pop().close()

    def _connection(self) -> http.client.HTTPSConnection:
        while self._idle:
            with suppress(IndexError):  # another thread took the last one
                connection = self._idle.pop()
                if connection.sock is not None and not _has_news(connection.sock):
                    return connection
                connection.close()
        host = urlsplit(self.url)
        return http.client.HTTPSConnection(
            host.hostname or "", host.port, timeout=_SECONDS, context=self.context
        )


def _has_news(sock: socket.socket) -> bool:
    """Whether an idle connection has something to read, which can only be its end."""
    poll = select.poll()  # not select: a test may have more than 1024 files open
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0))


def _decoded(content: bytes) -> dict[str, Any]:
    try:
        decoded = json.loads(content)
    except ValueError:  # /readyz and the like answer in text
        return {"message": content.decode(errors="replace")}
    return decoded if isinstance(decoded, dict) else {"value": decoded}


def _warning(line: str) -> str:
    """The text of a Warning header, `299 - "text"` (RFC 7234, section 5.5)."""
    text = line.split(" ", 2)[-1].strip()
    return text[1:-1].replace('\\"', '"').replace("\\\\", "\\")
