"""Requests of which a refusal is an answer too."""

from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Any

import kube.pages
from console.status.documents import Read
from console.status.model import Section, Unread
from kube.client import Client
from kube.errors import ApiError, Unreachable

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
