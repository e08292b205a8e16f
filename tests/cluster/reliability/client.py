"""A client of the API server that creates pods and does not give up easily, as controllers do.

Refused, reset and broken connections are tried anew; so is what the API server puts off with
Retry-After, as client-go does. Anything else is an answer.
"""

import asyncio
import json
import ssl
from dataclasses import dataclass, replace
from http import HTTPStatus
from time import monotonic
from typing import Any

import aiohttp
import msgspec

from tests.cluster.reliability.tally import Creation

_DEFERRALS = 10
"""client-go comes back so often when told to, then gives up."""
_GIVE_UP_SECONDS = 60.0
_BACKOFF_SECONDS = 0.1
_PAGE = 500


@dataclass(frozen=True, slots=True)
class Target:
    """An API server, what to trust it by and be known to it by, and where the pods go."""

    url: str
    context: ssl.SSLContext
    namespace: str

    @property
    def pods(self) -> str:
        """The collection of pods."""
        return f"{self.url}/api/v1/namespaces/{self.namespace}/pods"

    def session(self, connections: int) -> aiohttp.ClientSession:
        """Keep-alive connections, at most so many."""
        connector = aiohttp.TCPConnector(limit=connections, ssl=self.context)
        return aiohttp.ClientSession(connector=connector)


async def create(
    session: aiohttp.ClientSession, target: Target, name: str, pod: dict[str, Any]
) -> Creation:
    """Create `pod` under `name`; try again until there is an answer, or time is up."""
    body = json.dumps(pod | {"metadata": pod["metadata"] | {"name": name}}).encode()
    began = monotonic()
    seen = Creation(name, began, began, 0)
    while monotonic() - began < _GIVE_UP_SECONDS:
        try:
            seen, pause = await _attempt(session, target, body, seen)
        except aiohttp.ClientConnectionError as error:
            pause = _BACKOFF_SECONDS
            seen = replace(seen, message=repr(error), unanswered=seen.unanswered + 1)
        if pause is None:
            break
        await asyncio.sleep(pause)
    return replace(seen, ended=monotonic())


class _Status(msgspec.Struct):
    message: str = ""


async def _attempt(
    session: aiohttp.ClientSession, target: Target, body: bytes, seen: Creation
) -> tuple[Creation, float | None]:
    """What is known after one more attempt, and after how long to try again, if at all."""
    headers = {"Content-Type": "application/json"}
    async with session.post(target.pods, data=body, headers=headers) as response:
        raw = await response.read()
    wrong = response.status >= HTTPStatus.BAD_REQUEST
    seen = replace(
        seen,
        status=response.status,
        message=_message(raw) if wrong else "",
        warnings=tuple(response.headers.getall("Warning", ())),
    )
    later = response.headers.get("Retry-After")
    if not wrong or later is None or seen.deferred >= _DEFERRALS:
        return seen, None
    return replace(seen, deferred=seen.deferred + 1), float(later)


def _message(raw: bytes) -> str:
    try:
        return msgspec.json.decode(raw, type=_Status).message
    except msgspec.DecodeError:
        return raw[:300].decode(errors="replace")


class _Metadata(msgspec.Struct):
    name: str = ""
    labels: dict[str, str] = {}  # msgspec copies defaults


class _Container(msgspec.Struct):
    name: str


class _Spec(msgspec.Struct):
    initContainers: list[_Container] = []  # noqa: N815  # Kubernetes' spelling


class _Pod(msgspec.Struct):
    metadata: _Metadata
    spec: _Spec

    @property
    def injected(self) -> bool:
        """Label and structure both: the label alone could be anybody's."""
        return self.metadata.labels.get("spanhook.dev/injected") == "true" and any(
            one.name.startswith("spanhook-agent-") for one in self.spec.initContainers
        )


class _Continue(msgspec.Struct):
    token: str = msgspec.field(default="", name="continue")


class _Page(msgspec.Struct):
    metadata: _Continue
    items: list[_Pod]


async def stored(session: aiohttp.ClientSession, target: Target) -> dict[str, bool]:
    """All pods of the namespace by name, and whether each carries our injection."""
    pods: dict[str, bool] = {}
    token = ""
    while True:
        query = {"limit": str(_PAGE)} | ({"continue": token} if token else {})
        async with session.get(target.pods, params=query) as response:
            response.raise_for_status()
            page = msgspec.json.decode(await response.read(), type=_Page)
        pods |= {pod.metadata.name: pod.injected for pod in page.items}
        token = page.metadata.token
        if not token:
            return pods
