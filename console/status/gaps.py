"""What is not known of a container's image and could decide about it.

    the image                                               gap
    ------------------------------------------------------  -----------
    has no profile, and what it says could count            UNKNOWN
    does not tell, and its layers are not read yet, or      UNREAD
    could not be read and are tried again
    does not tell, and neither do its layers                UNDECIDED
    anything else                                           none

UNREACHABLE is an UNKNOWN of which an Event says why (`console.status.faults`).
"""

from collections.abc import Collection
from dataclasses import dataclass

from console.status.model import ImageState
from console.status.profiles import Profiles
from inspection.starts import start
from webhook.evidence import reference_of
from webhook.model import Decided, Skip
from webhook.reasons import Reason

_OPEN = frozenset({Reason.LANGUAGE_UNKNOWN, Reason.VERSION_UNKNOWN})


@dataclass(frozen=True, slots=True)
class Gap:
    """An image by its canonical reference. `message` says for a person why, "" where nobody knows.

    `is_private`: its registry wants credentials.
    """

    reference: str
    state: ImageState
    message: str = ""
    is_private: bool = False


def gap(decided: Decided, missing: Collection[str], profiles: Profiles) -> Gap | None:
    """What is not known of a container's image; `missing` has the references without a profile."""
    decision, container = decided.decision, decided.target.container
    reference = reference_of(container)
    if reference is None:
        return None
    if reference in missing:
        return Gap(reference, ImageState.UNKNOWN)
    image = profiles.known.get(reference)
    if image is None or not isinstance(decision, Skip) or decision.reason not in _OPEN:
        return None
    asked = start(container, image)
    if asked is None:
        return None
    look = profiles.look(reference, asked.key)
    if look is None:
        return Gap(reference, ImageState.UNREAD)
    failed = look.state == "failed"
    return Gap(reference, ImageState.UNREAD if failed else ImageState.UNDECIDED, look.message)
