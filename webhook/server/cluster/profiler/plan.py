"""What is to be done about one image, now: the first row that fits.

    the image                                                        what for
    ---------------------------------------------------------------  ------------------------
    is known from elsewhere (`--image-configs`)                      nothing
    has no profile                                                   NEW
    is wanted for a platform that its profile lacks                  NEW
    is a tag that was not asked for lately                           AGED
    is a tag, and a node runs a digest of it that we never saw       AGED
    leaves open what a container starts, its layers were not read    LAYERS
    was learnt of by other code than ours                            OLD
    anything else                                                    nothing

A tag is asked for well before its age is up: an admission would wait for it from then on, and a
registry that fails, or a long queue, takes its part of that time.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Final

from inspection import platforms as inspected
from inspection.starts import start
from webhook.images.layers import Start
from webhook.images.profile import REVISION, State
from webhook.images.profile.bounds import COMMANDS
from webhook.model import EMPTY, Image
from webhook.server.cluster.profiler.judged import Keys, key
from webhook.server.cluster.profiler.queue import Priority
from webhook.server.cluster.profiler.shelf import Held
from webhook.server.cluster.profiler.wanted import Use
from webhook.settings import ImageInspectionSettings

_EARLY: Final = 0.5
_SPREAD: Final = 0.3
_FLEETING: Final = 8
"""Command lines of one image with which those of pods and Jobs are looked into no more."""
_AGAIN: Final = frozenset[State]({"failed"})
"""Looks that may end otherwise another time. One that took its budget may with a larger one."""


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known of an image that is used. Times are seconds since 1970.

    `held` and since when its tag was not asked for: `resolved`, None for a digest. `image`: what
    decisions read of it. `lacking`: platforms that were asked for, and that the image has not.
    `strangers`: digests that nodes run and the tag was never seen to point to. `keys`: what
    layers would be asked about, as far as that was judged.
    """

    uses: Collection[Use]
    held: Held | None
    resolved: float | None
    image: Image | None
    lacking: Collection[str] = ()
    strangers: Collection[str] = ()
    keys: Keys | None = None


def needed(
    reference: str, found: Situation, now: float, settings: ImageInspectionSettings
) -> Priority | None:
    """What it is worth to do something about the image now; None where nothing is to be done."""
    held = found.held
    if held is None:
        return None if found.image is not None else Priority.NEW
    if missing_platforms(found.uses, held, found.lacking, settings):
        return Priority.NEW
    by_itself = passed(reference, found, now, settings)
    if by_itself is Priority.AGED:
        return by_itself
    if settings.layers and any(starts(found, settings)):
        return Priority.LAYERS
    return by_itself


def passed(
    reference: str, found: Situation, now: float, settings: ImageInspectionSettings
) -> Priority | None:
    """The same, as far as it changes by itself when time passes."""
    if found.held is None:
        return None
    resolved = found.resolved
    if resolved is not None and (
        found.strangers or now >= due(reference, resolved, settings.tag_age)
    ):
        return Priority.AGED
    return Priority.OLD if found.held.revision != REVISION else None


def due(reference: str, resolved: float, tag_age: float) -> float:
    """When a tag is asked for again: not all at once, so each at a part of its age of its own."""
    drawn = blake2b(reference.encode(), digest_size=2).digest()
    part = int.from_bytes(drawn) / 0xFFFF
    return resolved + tag_age * (_EARLY + _SPREAD * part)


def platforms(uses: Iterable[Use], settings: ImageInspectionSettings) -> tuple[str, ...]:
    """The platforms that an image is used on; none where nobody says, and any will do.

    Where somebody does, who does not may run where we do.
    """
    own = (str(inspected.own()),)
    said = [use.platforms or settings.platforms for use in uses]
    return tuple(sorted({one for names in said for one in names or own})) if any(said) else ()


def missing_platforms(
    uses: Iterable[Use], held: Held, lacking: Collection[str], settings: ImageInspectionSettings
) -> tuple[str, ...]:
    """Those of them that the profile does not have, and the image may."""
    wanted = platforms(uses, settings)
    return tuple(one for one in wanted if one not in lacking and not _has(held, one))


def starts(found: Situation, settings: ImageInspectionSettings) -> Iterator[Start]:
    """The command lines that layers are to be asked about, each once; those of templates first.

    Of new ones no more than the profile has room for: who starts pods chooses the arguments.
    """
    held = found.held
    if held is None or found.image is None:
        return
    # What a look told that did not end is no reason not to look again.
    image = replace(found.image, layers=EMPTY)
    asked: set[str] = set()
    keys: Keys = {} if found.keys is None else found.keys
    known = len(held.commands)
    for use in sorted(found.uses, key=_is_fleeting):
        name = key(use, image, keys)
        if name is None or name in asked or not _is_open(held, name, settings):
            continue
        is_new = name not in held.commands
        if is_new and known >= (_FLEETING if use.is_fleeting else COMMANDS):
            continue
        known += is_new
        asked.add(name)
        if (one := start(use.document, image)) is not None:
            yield one


def _has(held: Held, platform: str) -> bool:
    """Whether the profile has a platform; of variants (`linux/arm/v7`) any will do."""
    return any(one == platform or one.startswith(f"{platform}/") for one in held.platforms)


def _is_fleeting(use: Use) -> bool:
    return use.is_fleeting


def _is_open(held: Held, key: str, settings: ImageInspectionSettings) -> bool:
    state = held.commands.get(key)
    if state != "budget":
        return state is None or state in _AGAIN
    size, seconds = held.budgets.get(key, (0, 0.0))
    whole = min(settings.layer_bytes_per_image, settings.layer_bytes_per_hour)
    return whole > size or settings.layer_seconds_per_image > seconds
