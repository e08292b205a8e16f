"""Rules about what is known of images."""

from collections.abc import Iterator

from console.status import documents
from console.status.known import Known, Rule, Said, note, problem
from console.status.model import ImageState
from console.status.wording import count

_DIFFER = "what is said of pods here may differ from what the webhook decides."


def _readable(known: Known) -> Iterator[Said]:
    if not known.images.enabled:
        return
    if not known.images.defined:
        yield note(
            "The cluster has no ImageProfiles (their CRD is not installed): each replica asks"
            f" registries for itself, and {_DIFFER}"
        )
    elif not known.was_read(documents.PROFILES):
        yield note(f"ImageProfiles may not be read: {_DIFFER}")


def _bad(known: Known) -> Iterator[Said]:
    if known.images.bad:
        many = count(len(known.images.bad), "ImageProfile")
        yield note(f"{many} cannot be understood and count for nothing: {known.images.bad[0]}")


def _unreachable(known: Known) -> Iterator[Said]:
    found = [one for one in known.images.open if one.state is ImageState.UNREACHABLE]
    skipped = sum(one.skipped for one in found)
    images = _are(len(found), "image")
    if skipped:
        containers = _are(skipped, "container")
        yield problem(f"Registries do not say what {images}; {containers} skipped for it.")
    elif found:
        yield note(f"Registries do not say what {images}.")


def _are(number: int, noun: str) -> str:
    return f"{count(number, noun)} {'is' if number == 1 else 'are'}"


RULES: tuple[Rule, ...] = (_readable, _bad, _unreachable)
