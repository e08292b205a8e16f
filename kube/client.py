"""Requests to an API server: JSON in and out, no model classes.

The generated methods of the `kubernetes` package decode a list twice and make an object of a class
for each field; what we watch by the ten thousand is decoded from bytes by who knows its shape. So
only its configuration and its HTTP session (aiohttp) are used, the latter through `rest_client`.
"""

import asyncio
import ssl
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
from kubernetes.aio.client import ApiClient

from kube.answers import decoded, refusal
from kube.configuration import Access, access
from kube.errors import ApiError, KubeconfigError, Oversized, Unreachable
from kube.escapes import yaml
from kube.session import RestClient

Object = Mapping[str, Any]
"""A JSON object that is only read."""

_JSON = "application/json"
_AGENT = "spanhook"
"""What audit logs show; the API server also takes its first word as the manager of fields."""
SILENCE = 150.0
"""Seconds of silence on a watch after which its connection counts as lost: with bookmarks, the API
server says something every minute."""
_AT_A_TIME = 100
_GOODBYE_SECONDS = 0.1
_SECONDS = aiohttp.ClientTimeout(total=30, sock_connect=10)


@asynccontextmanager
async def connect(
    kubeconfig: Path | None = None, *, context: str | None = None
) -> AsyncIterator["Client"]:
    """A client of the cluster that `kubeconfig` names.

    Without one: the pod's own cluster where there is one, else $KUBECONFIG or ~/.kube/config.
    Raises KubeconfigError; does not ask the API server anything yet.
    """
    found = await access(kubeconfig, context)
    try:
        api = ApiClient(found.configuration)
        api.rest_client = RestClient(found.configuration)
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        raise KubeconfigError(f"{found.origin}: certificates: {error}") from error
    api.user_agent = _AGENT
    client = Client(api, found)
    try:
        yield client
    finally:
        await api.close()
        # A TLS connection in the middle of a request closes by itself a little later, and
        # complains where there is no event loop any more.
        await asyncio.sleep(_GOODBYE_SECONDS if client.cut else 0)


class Client:
    """One cluster, as one user. Every method raises ApiError or Unreachable.

    `path` is one of `kube.paths.path`; further keywords are the query's parameters.
    """

    def __init__(self, api: ApiClient, found: Access) -> None:
        self._api = api
        self._access = found
        self.namespace = found.namespace
        """The namespace of the kubeconfig's context or of the service account."""
        self.cut = False
        """Whether a request was cancelled on its way."""
        self._date = ""

    @property
    def time(self) -> datetime | None:
        """The API server's time at its last answer, in whole seconds; None where it said none."""
        try:
            return parsedate_to_datetime(self._date).astimezone(UTC)
        except ValueError:
            return None

    async def get(self, path: str, **query: str) -> dict[str, Any]:
        """An object, or a list."""
        return decoded(await self.read(path, **query))

    async def read(self, path: str, **query: str) -> bytes:
        """What GET answers, undecoded."""
        return await self._call("GET", path, query)

    async def read_at_most(self, most: int, path: str, **query: str) -> bytes:
        """As `read`. Raises Oversized, and lets go of what it has, over `most` bytes."""
        return await self._body(await self._send(_Request("GET", path, query)), most)

    async def create(self, path: str, body: Object, **query: str) -> dict[str, Any]:
        """Create an object in the collection `path`; the object as it was stored."""
        return decoded(await self._call("POST", path, query, body))

    async def replace(self, path: str, body: Object, **query: str) -> dict[str, Any]:
        """Replace an object; 409 where its resourceVersion is no longer the newest."""
        return decoded(await self._call("PUT", path, query, body))

    async def apply(
        self,
        path: str,
        body: Object,
        *,
        manager: str = _AGENT,
        force: bool = True,
        **query: str,
    ) -> dict[str, Any]:
        """Server-side apply; `force` takes fields over that another manager owns."""
        query |= {"fieldManager": manager, "force": "true" if force else "false"}
        return await self._patch("apply-patch+yaml; charset=utf-8", path, yaml(body), query)

    async def merge(self, path: str, body: Object, **query: str) -> dict[str, Any]:
        """JSON merge patch (RFC 7386)."""
        return await self._patch("merge-patch+json", path, body, query)

    async def patch(self, path: str, operations: Sequence[Object], **query: str) -> dict[str, Any]:
        """JSON patch (RFC 6902)."""
        return await self._patch("json-patch+json", path, list(operations), query)

    async def delete(self, path: str, **query: str) -> dict[str, Any]:
        """Delete an object; what the API server says of it."""
        return decoded(await self._call("DELETE", path, query))

    @asynccontextmanager
    async def stream(
        self, path: str, *, silence: float = SILENCE, **query: str
    ) -> AsyncIterator[AsyncGenerator[bytes, None]]:
        """A watch (give `watch="true"`) that the API server has accepted, as its lines.

        Each line is a JSON document; they end when the API server ends the watch. A connection that
        is silent for `silence` seconds counts as lost.
        """
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=silence)
        response = await self._send(_Request("GET", path, query, timeout=timeout))
        try:
            async with aclosing(self._lines(response)) as lines:
                yield lines
        finally:
            _cut(response)

    async def lines(
        self, path: str, *, silence: float = SILENCE, **query: str
    ) -> AsyncGenerator[bytes, None]:
        """The lines of `stream`, for who need not know when it was accepted."""
        async with self.stream(path, silence=silence, **query) as lines:
            async for line in lines:
                yield line

    async def _lines(self, response: aiohttp.ClientResponse) -> AsyncGenerator[bytes, None]:
        # Not by readline: aiohttp refuses lines that are longer than its buffer.
        pieces: list[bytes] = []
        try:
            async for chunk in response.content.iter_any():
                first, *others = chunk.split(b"\n")
                pieces.append(first)
                for number, piece in enumerate(others, 1):
                    yield b"".join(pieces)
                    pieces = [piece]
                    if number % _AT_A_TIME == 0:
                        await asyncio.sleep(0)  # a burst of changes lets others have their turn
        except _LOST as error:
            raise self._unreachable(error) from error

    async def _patch(
        self, kind: str, path: str, body: Any, query: dict[str, str]
    ) -> dict[str, Any]:
        return decoded(await self._call("PATCH", path, query, body, f"application/{kind}"))

    async def _call(
        self,
        method: str,
        path: str,
        query: dict[str, str],
        body: Any = None,
        content_type: str = _JSON,
    ) -> bytes:
        return await self._body(await self._send(_Request(method, path, query, body, content_type)))

    async def _body(self, response: aiohttp.ClientResponse, most: int | None = None) -> bytes:
        pieces: list[bytes] = []
        size = 0
        try:
            async for piece in response.content.iter_any():
                pieces.append(piece)
                size += len(piece)
                if most is not None and size > most:
                    raise Oversized(f"{response.url.path}: over {most} bytes")
            return b"".join(pieces)
        except asyncio.CancelledError:
            self.cut = True
            raise
        except _LOST as error:
            raise self._unreachable(error) from error
        finally:
            if response.content.at_eof():
                response.release()
            else:
                _cut(response)

    async def _send(self, request: "_Request") -> aiohttp.ClientResponse:
        """The answer, its body unread. A token that is refused is fetched anew, once."""
        try:
            return await self._once(request)
        except ApiError as error:
            if error.status != HTTPStatus.UNAUTHORIZED or not await self._renewed():
                raise
        return await self._once(request)

    async def _once(self, request: "_Request") -> aiohttp.ClientResponse:
        url = self._api.configuration.host + request.target
        headers = {
            **self._api.default_headers,
            "Accept": _JSON,
            # Beside the API server packing costs more than sending, and aiohttp unpacks in threads.
            "Accept-Encoding": "identity",
            "Content-Type": request.content_type,
        }
        await self._authorize(headers, request)
        try:
            answer = await self._api.rest_client.request(
                request.method,
                url,
                headers=headers,
                body=request.body,
                _request_timeout=request.timeout,
            )
            response: aiohttp.ClientResponse = answer.response
            self._date = response.headers.get("Date", "")
            if response.status < HTTPStatus.BAD_REQUEST:
                return response
            body = await response.read()
        except asyncio.CancelledError:
            self.cut = True
            raise
        except _LOST as error:
            raise self._unreachable(error) from error
        raise refusal(response.status, response.reason or "", body, response.headers)

    async def _authorize(self, headers: dict[str, str], request: "_Request") -> None:
        try:
            await self._api.update_params_for_auth(
                headers, [], ["BearerToken"], request.path, request.method, request.body
            )
        # What a token's file that is just being replaced, or a plugin, makes it raise is nowhere
        # promised; and whoever watches has to go on.
        except Exception as error:
            raise Unreachable(f"{self._access.origin}: credentials: {error}") from error

    async def _renewed(self) -> bool:
        """Fetch new credentials after a 401; whether they are others than before."""
        before = dict(self._api.configuration.api_key)
        try:
            await self._access.renew()
        except Exception:  # noqa: BLE001  # the API server's refusal says more than this
            return False
        return bool(self._api.configuration.api_key != before)

    def _unreachable(self, error: Exception) -> Unreachable:
        text = str(error) or type(error).__name__
        return Unreachable(f"{self._api.configuration.host}: {text}")


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    path: str
    query: Mapping[str, str]
    body: Any = None
    content_type: str = _JSON
    timeout: aiohttp.ClientTimeout = _SECONDS

    @property
    def target(self) -> str:
        return f"{self.path}?{urlencode(self.query)}" if self.query else self.path


def _cut(response: aiohttp.ClientResponse) -> None:
    """Close now: a goodbye in TLS would outlive us, and nobody waits for ours."""
    if response.connection is not None and response.connection.transport is not None:
        response.connection.transport.abort()
    response.close()


_LOST = (aiohttp.ClientError, OSError, TimeoutError, ssl.SSLError)
