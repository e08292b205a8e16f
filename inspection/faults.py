"""Why an image is not known, from what went wrong at its registry."""

from registry.errors import RegistryError, TimedOut
from webhook.model import Absence
from webhook.reasons import Reason


def absence(error: RegistryError) -> Absence:
    """The reason for a decision, with the fault's own sentence; `error.word` is for metrics."""
    is_late = isinstance(error, TimedOut)
    reason = Reason.IMAGE_PENDING if is_late else Reason.IMAGE_UNREACHABLE
    return Absence(reason, sentence(error))


def sentence(error: RegistryError) -> str:
    """What happened and what to do, with what happened at mirrors before."""
    return "; ".join([str(error), *getattr(error, "__notes__", ())])
