"""Why registries do not say what images are, from the webhook's Events.

    reason            said by        of                          note
    ----------------  -------------  --------------------------  -----------------------------------
    ImageNotReadable  its leader     an image                    REFERENCE: …says how. WHY
    ImageUnreachable  any replica,   a workload's containers     Not instrumented: NAMES: WHY. …
                      of a pod

Events are kept for an hour: one that is there says how it is, none that is not says anything.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from console.status.model import Unread
from console.status.requests import pages, refused
from kube.client import Client
from kube.errors import ApiError, Unreachable
from kube.paths import path
from registry.errors import Unauthorized
from webhook.model import Object
from webhook.reasons import EXPLANATIONS, Reason

_OURS = "reportingComponent=spanhook.dev/webhook,type=Warning"
_ADVISED = "docs/images.md says how. "
_SKIPPED = "Not instrumented: "
_EXPLAINED = f". {EXPLANATIONS[Reason.IMAGE_UNREACHABLE].sentence}"


@dataclass(frozen=True, slots=True)
class Fault:
    """Why an image is not known, as the webhook said it."""

    message: str

    @property
    def is_private(self) -> bool:
        """Whether credentials are what is missing."""
        return Unauthorized.advice in self.message


@dataclass(slots=True)
class Faults:
    """Faults of one namespace: by image, and by a workload's kind and name and a container's."""

    images: dict[str, Fault] = field(default_factory=dict)
    containers: dict[tuple[str, str, str], Fault] = field(default_factory=dict)

    def of(self, workload: tuple[str, str], container: str, reference: str) -> Fault | None:
        """Why a container's image is not known."""
        return self.containers.get((*workload, container)) or self.images.get(reference)


async def gather(client: Client, namespace: str) -> tuple[Faults, Unread | None]:
    """The faults of a namespace's images, and what kept them from being read.

    Raises Unreachable, and ApiError for credentials that nobody knows.
    """
    found = Faults()
    at = path("v1", "events", namespace=namespace)
    try:
        async for page in pages(client, at, fieldSelector=_OURS):
            note(found, page)
    except (ApiError, Unreachable) as error:
        return found, refused("images", f"Events of {namespace}", error)
    return found, None


def note(found: Faults, events: Iterable[Object]) -> None:
    """Add what these Events say."""
    for one in events:
        text, about = str(one.get("message") or ""), one.get("involvedObject") or {}
        if one.get("reason") == "ImageNotReadable":
            reference, _, said = text.partition(": ")
            found.images[reference] = Fault(said.rpartition(_ADVISED)[2])
        elif one.get("reason") == Reason.IMAGE_UNREACHABLE:
            names, _, said = text.removeprefix(_SKIPPED).partition(": ")
            fault = Fault(said.partition(_EXPLAINED)[0])
            for name in names.split(", "):
                found.containers[str(about.get("kind")), str(about.get("name")), name] = fault
