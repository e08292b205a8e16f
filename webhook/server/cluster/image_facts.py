"""What decisions know of images in a cluster, and where it comes from, put together.

asked first          where                                    while a review waits?
-------------------  ---------------------------------------  ---------------------
--image-configs      a file                                   no
profiles             ImageProfiles, and what we learnt        no
look-up              registries, with the settings' words     yes, in bounds
"""

from collections import ChainMap
from collections.abc import Collection, Mapping
from functools import partial
from typing import cast

from inspection.inspector import Inspector
from webhook import placement
from webhook.images.profile import Profile
from webhook.model import Image
from webhook.review import Review
from webhook.server.cluster.cache import Watched
from webhook.server.cluster.context import Context
from webhook.server.cluster.inspecting import Inspecting
from webhook.server.cluster.keyrings import Keyrings
from webhook.server.cluster.lookup import Asked, Lookup, Sources
from webhook.server.cluster.lookup_counts import Counts
from webhook.server.cluster.profile_writer import Writer
from webhook.server.cluster.profiler.work import Means
from webhook.server.cluster.profiles import PATH, ImageProfile, Profiles
from webhook.server.cluster.tasks import Tasks
from webhook.server.limits import Limits
from webhook.server.logs import Log
from webhook.server.reviewer import Reviewer
from webhook.server.telemetry import Telemetry
from webhook.server.waiting import Found, Waiting, pending
from webhook.settings import ImageInspectionSettings, Settings

CACHE = "imageprofiles"
_LACKING = "each replica asks registries for itself, and forgets when it stops"


class ImageFacts:
    """`images` is one mapping for ever, as a reviewer's facts."""

    def __init__(self, configured: Mapping[str, Image], log: Log, telemetry: Telemetry) -> None:
        self.profiles = Profiles(log, telemetry)
        self.inspecting = Inspecting(log)
        self.writer = Writer(log, telemetry)
        self.images: Mapping[str, Image] = self.profiles.known
        if configured:
            maps = (configured, self.profiles.known)
            self.images = ChainMap(*cast("tuple[dict[str, Image], ...]", maps))
        self._counts = Counts(log, telemetry)
        self._settings = ImageInspectionSettings()
        self._lookup: Lookup | None = None
        self.keyrings: Keyrings | None = None

    @property
    def watched(self) -> Watched[ImageProfile]:
        """What is to be watched."""
        return Watched(
            CACHE,
            PATH,
            ImageProfile,
            self.profiles,
            optional=True,
            forbidden=f"ImageProfiles may not be read: {_LACKING}",
            absent=f"the cluster has no ImageProfiles (their CRD is not installed): {_LACKING}",
        )

    def take(self, settings: Settings) -> None:
        """Follow the settings."""
        self._settings = settings.image_inspection
        self.profiles.take(self._settings)
        self.inspecting.take(self._settings)

    def start(self, tasks: Tasks, context: Context) -> None:
        """Begin to ask and to write; what is on its way ends with `close` and the tasks."""
        self.keyrings = Keyrings(context, lambda: self._settings)
        sources = Sources(
            lambda: self.inspecting.inspector, self.keyrings, self.profiles, self.writer.say
        )
        self._lookup = Lookup(sources, self._counts)
        if context.options.inspection:
            tasks.start("inspection", self.inspecting.run)
        else:
            self.inspecting.problem = "--no-inspection"
        tasks.start("image profiles", partial(self.writer.run, context.client))

    def means(self) -> Means:
        """What the profiler learns by, and tells what it learnt; after `start`."""
        if self.keyrings is None:
            raise RuntimeError("it has not been started")
        return Means(
            self._patient,
            self.keyrings.keyring,
            self.images,
            self._publish,
            lambda: self._settings,
        )

    def _patient(self) -> Inspector | None:
        """Asks in the background."""
        inspector = self.inspecting.inspector
        return inspector.in_background() if inspector is not None else None

    def _publish(self, profile: Profile) -> None:
        self.profiles.learnt(profile)
        self.writer.say(profile)

    def waiting(self, reviewer: Reviewer, limits: Limits) -> Waiting:
        """Has the reviewer name what it misses, and waits for that."""
        reviewer.asks = True
        waiting = Waiting(reviewer, self.fetch, limits)
        self._counts.waiting(lambda: waiting.waiting)
        return waiting

    async def fetch(self, review: Review, missing: Collection[str], until: float) -> Found:
        """Ask registries for what a review misses, until a time of the event loop's clock."""
        if self._lookup is None:
            return Found(absent=pending(missing, "the webhook is only starting"))
        return await self._lookup.fetch(asked(review, missing), until)

    async def close(self) -> None:
        """Give up what is on its way."""
        if self._lookup is not None:
            await self._lookup.close()

    def note(self) -> str:
        """What `/readyz?verbose` says beside the cache's own note."""
        known = f"{len(self.profiles.known.digests)} images known"
        problem = self.inspecting.problem
        return f"{known}; registries are not asked: {problem}" if problem else known


def asked(review: Review, missing: Collection[str]) -> Asked:
    """What a review misses, with what its pod says on how to get it."""
    pod = review.object
    return Asked(
        tuple(missing),
        review.namespace or "",
        placement.pull_secrets(pod),
        placement.platforms(pod),
        review.dry_run,
    )
