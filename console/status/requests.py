"""Requests of which a refusal is an answer too, and many of them a few at a time."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable
from http import HTTPStatus
from typing import Any, TypeVar

import kube.pages
from console.status.documents import Read
from console.status.model import Section, Unread
from kube.client import Client
from kube.errors import ApiError, Unreachable

T = TypeVar("T")
R = TypeVar("R")

_AT_ONCE = 8
"""Things asked about at a time: enough to hide the way there and back, no load for anybody."""
_FIRST = 50
"""Objects of a first page: most namespaces have no more pods."""


async def read(client: Client, section: Section, what: str, path: str, **query: str) -> Read:
    """An object; None where there is none, Unread where it may not be read.

    Raises Unreachable, and ApiError for credentials that nobody knows.
    """
    try:
        return await client.get(path, **query)
    except ApiError as error:
        if error.not_found:
            return None
        return refused(section, what, error)


def refused(section: Section, what: str, error: ApiError | Unreachable) -> Unread:
    """What an error keeps from being read. Raises it again where nothing at all can be."""
    if isinstance(error, Unreachable):
        return Unread(section, what, str(error))
    if error.status == HTTPStatus.UNAUTHORIZED:
        raise error
    return Unread(section, what, error.message or error.reason)


async def pages(client: Client, path: str, **query: str) -> AsyncIterator[list[dict[str, Any]]]:
    """A list in pages of about the same size in bytes.

    Raises Unreachable and ApiError, `gone` where it took so long that it has to be begun anew.
    """
    async for page in kube.pages.pages(client, path, dict[str, Any], query, _FIRST):
        yield page.objects


async def limited(ask: Callable[[T], Coroutine[Any, Any, R]], things: Iterable[T]) -> list[R]:
    """Ask about all things, a few at a time; the answers in their order."""
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one(thing: T) -> R:
        async with gate:
            return await ask(thing)

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(thing)) for thing in things]
    except ExceptionGroup as errors:
        # Not `except*`: what it raises comes wrapped in a group again before Python 3.11.4.
        raise errors.exceptions[0] from errors
    return [task.result() for task in tasks]
