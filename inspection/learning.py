"""From what a registry says of a reference to the image's profile."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from registry.errors import Malformed, shown
from registry.model import Description, PlatformImage
from registry.spent import Spent
from webhook.images import configuration
from webhook.images.profile import Learnt, PlatformFacts, Profile, Reference, kept
from webhook.images.profile.bounds import bounded
from webhook.images.reference import canonical, parse
from webhook.model import Image, Json
from webhook.settings import VERSION


@dataclass(frozen=True, slots=True)
class Learning:
    """What was learnt of a reference, and what it cost.

    `images` are the profile's platforms as the registry has them, in the same order: with their
    configuration documents, and with layers for `Inspector.look_inside`.
    """

    reference: str
    profile: Profile
    images: tuple[PlatformImage, ...]
    spent: Spent


def learning(
    reference: str, description: Description, images: Sequence[PlatformImage], at: datetime
) -> Learning:
    """The profile of a reference's images.

    Raises Malformed where no image's configuration can be read.
    """
    read: list[tuple[PlatformImage, Image]] = []
    wrong: list[str] = []
    for one in images:
        try:
            read.append((one, _image(description, one)))
        except ValueError as error:
            wrong.append(str(error))
    if not read:
        what = shown("; ".join(dict.fromkeys(wrong)))
        raise Malformed(f"{canonical(reference)}: its configuration makes no sense: {what}")
    spent = description.spent
    profile = Profile(
        description.digest,
        tuple(_references(reference, at)),
        tuple(_facts(one, image) for one, image in read),
        (),
        Learnt(at, VERSION, spent.requests, spent.bytes),
    )
    return Learning(reference, bounded(profile), tuple(one for one, _ in read), spent)


def _image(description: Description, one: PlatformImage) -> Image:
    """The image as decisions read it. Raises ValueError, which names the field."""
    layers = [layer.digest for layer in one.layers]
    image = configuration.read(_labelled(description, one), layers)
    return replace(image, environment=kept(image.environment), labels={})


def _labelled(description: Description, one: PlatformImage) -> Json:
    """The configuration with annotations for labels: builders write the same keys as either."""
    said = {**description.annotations, **one.annotations}
    inner = one.config.get("config")
    if not said or not isinstance(inner, dict | None):
        return one.config
    labels = (inner or {}).get("Labels")
    if not isinstance(labels, dict | None):
        return one.config
    return {**one.config, "config": {**(inner or {}), "Labels": {**said, **(labels or {})}}}


def _facts(one: PlatformImage, image: Image) -> PlatformFacts:
    return PlatformFacts(shown(str(one.platform)), one.digest, image)


def _references(reference: str, at: datetime) -> Iterator[Reference]:
    if not parse(reference).digest:
        yield Reference(canonical(reference), at)
