"""What node agents saw run, as the webhook knows it.

An object that cannot be understood counts for nothing, as it does there.
"""

from collections.abc import Mapping
from contextlib import suppress

from console.status import documents
from console.status.model import Unread
from console.status.requests import pages, refused
from kube.client import Client
from kube.errors import ApiError, Unreachable
from kube.pages import begun_anew
from kube.paths import path
from webhook.observed import Key, Observed, read

Seen = Mapping[Key, Observed]
"""What ran where, as `webhook.model.Facts` has it."""

PATH = path("spanhook.dev/v1alpha1", "instrumentedapplications")


async def gather(client: Client) -> tuple[Seen, Unread | None]:
    """Everything, and what kept it from being read; nothing where the kind is not installed.

    Raises Unreachable, and ApiError for credentials that nobody knows.
    """

    async def everything() -> dict[Key, Observed]:
        found: dict[Key, Observed] = {}
        async for page in pages(client, PATH):
            for one in page:
                with suppress(ValueError):
                    found.update(read(one))
        return found

    try:
        return await begun_anew(everything), None
    except (ApiError, Unreachable) as error:
        if isinstance(error, ApiError) and error.not_found:
            return {}, None
        return {}, refused("pods", documents.OBSERVED, error)
