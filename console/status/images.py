"""What is not known of the images that opted-in pods use, image by image, and what to do."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from console.status.gaps import Gap
from console.status.model import ImageState, OpenImage, Remedy
from webhook.images.reference import parse
from webhook.settings import ImageInspectionSettings

_ORDER = tuple(ImageState)


@dataclass(frozen=True, slots=True)
class Met:
    """A gap, met in so many containers of a namespace, of which some are skipped for it."""

    namespace: str
    gap: Gap
    containers: int
    skipped: int


@dataclass(frozen=True, slots=True)
class Ways:
    """What remedies depend on: where the webhook is, its settings, and whether it asks at all."""

    system: str
    settings: ImageInspectionSettings = field(default_factory=ImageInspectionSettings)
    enabled: bool = True


def opened(found: Iterable[Met], ways: Ways) -> tuple[OpenImage, ...]:
    """Each image once, by the worst that is said of it; the worst first."""
    by_image: dict[str, list[Met]] = {}
    for met in found:
        by_image.setdefault(met.gap.reference, []).append(met)
    images = (_one(all_of_it, ways) for all_of_it in by_image.values())
    return tuple(sorted(images, key=_rank))


def _rank(one: OpenImage) -> tuple[int, int, str]:
    return _ORDER.index(one.state), -one.skipped, one.reference


def _one(found: list[Met], ways: Ways) -> OpenImage:
    worst = min((one.gap for one in found), key=_badness)
    return OpenImage(
        reference=worst.reference,
        state=worst.state,
        message=worst.message,
        namespaces=tuple(sorted({one.namespace for one in found})),
        containers=sum(one.containers for one in found),
        skipped=sum(one.skipped for one in found),
        remedy=_remedy(worst, ways),
    )


def _badness(gap: Gap) -> tuple[int, bool, str]:
    return _ORDER.index(gap.state), not gap.message, gap.message


def _remedy(gap: Gap, ways: Ways) -> Remedy:
    inspect = f"spanhook inspect {gap.reference}"
    if gap.is_private:
        return _credentials(gap, ways)
    if gap.state is ImageState.UNKNOWN and not ways.enabled:
        return Remedy(None, _OFF)
    if gap.state is ImageState.UNREAD and not ways.settings.layers:
        return Remedy(inspect, _NO_LAYERS)
    return replace(_REMEDIES[gap.state], command=inspect)


def _credentials(gap: Gap, ways: Ways) -> Remedy:
    secret = ways.settings.pull_secret
    return Remedy(
        f"kubectl create secret docker-registry {secret} -n {ways.system}"
        f" --docker-server={parse(gap.reference).domain}"
        " --docker-username=USER --docker-password=PASSWORD",
        f"Give credentials in Secret {ways.system}/{secret} (one that is there takes several"
        " registries), or have the pods' own read: component pull-secrets.",
    )


_SAY = "say the language with the pod annotation spanhook.dev/languages"
_OFF = f"The webhook asks no registry: {_SAY}."
_NO_LAYERS = f"The settings switch the reading of layers off: {_SAY}."

_REMEDIES: Mapping[ImageState, Remedy] = {
    ImageState.UNREACHABLE: Remedy(
        None, "Remove what is said of it; docs/images.md has each fault. Asked from here:"
    ),
    ImageState.UNDECIDED: Remedy(None, f"To have it traced, {_SAY}. What there is to see:"),
    ImageState.UNREAD: Remedy(
        None, "Nothing to do, they are read in the background. At once:", needed=False
    ),
    ImageState.UNKNOWN: Remedy(
        None, "Nothing to do, it is learnt in the background. At once:", needed=False
    ),
}
