"""What ImageProfiles tell of images, as the webhook has it from them.

A tag counts as what it was last seen to name, however long ago: the webhook asks again after
`imageInspection.tagAge`, and takes the old answer, too, where nobody gives a new one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import inf

from console.status import documents
from console.status.model import Unread
from console.status.requests import pages, refused
from kube.client import Client
from kube.errors import ApiError, Unreachable
from kube.pages import begun_anew
from kube.paths import path
from webhook.images.profile import Command, Profile, read
from webhook.images.profile.known import Images, keep
from webhook.model import EMPTY, Object
from webhook.server.cluster.lean import lean
from webhook.settings import ImageInspectionSettings

PATH = path("spanhook.dev/v1alpha1", "imageprofiles")


@dataclass(slots=True)
class Profiles:
    """What was read. `count` is None where they could not be, or where there is no such resource.

    `open`: digest → the looks at its layers that decided nothing, by their command line's key;
    `bad`: what could not be understood, by the object's name.
    """

    known: Images
    count: int | None = None
    is_defined: bool = True
    open: dict[str, Mapping[str, Command]] = field(default_factory=dict)
    bad: dict[str, str] = field(default_factory=dict)

    def look(self, reference: str, key: str) -> Command | None:
        """What the layers of an image told of a command line, where that decided nothing."""
        return self.open.get(self.known.digest(reference), EMPTY).get(key)


async def gather(
    client: Client, settings: ImageInspectionSettings, now: datetime
) -> tuple[Profiles, Unread | None]:
    """All profiles, and what kept them from being read.

    Raises Unreachable, and ApiError for credentials that nobody knows.
    """

    async def everything() -> Profiles:
        found = Profiles(Images(now.timestamp, inf), 0)
        async for page in pages(client, PATH):
            for one in page:
                _add(found, one, settings)
        return found

    try:
        return await begun_anew(everything), None
    except (ApiError, Unreachable) as error:
        nothing = Profiles(Images(now.timestamp, inf))
        if isinstance(error, ApiError) and error.not_found:
            nothing.is_defined = False
            return nothing, None
        return nothing, refused("images", documents.PROFILES, error)


def _add(found: Profiles, one: Object, settings: ImageInspectionSettings) -> None:
    found.count = (found.count or 0) + 1
    try:
        profile = lean(read(one))
    except ValueError as error:
        found.bad[str(documents.metadata(one).get("name"))] = str(error)
        return
    kept = keep(profile, settings.platforms)
    found.known.tell(profile.digest, [kept], kept.tags)
    if undecided := _undecided(profile):
        found.open |= dict.fromkeys((profile.digest, *kept.parts), undecided)


def _undecided(profile: Profile) -> Mapping[str, Command]:
    return {one.key: one for one in profile.commands if one.state != "decided"}
