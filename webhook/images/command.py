"""The name under which is kept what the layers tell of one command line."""

import hashlib
from collections.abc import Iterator, Sequence

from webhook.images.reference import parse
from webhook.model import EMPTY, Object


def command_key(argv: Sequence[str], container: Object = EMPTY) -> str:
    """A digest (64 hex digits) of a resolved command line, of which nothing can be read back.

    The words may hold secrets, so that only this is ever written down. The same words mean other
    files where the `container` has a `workingDir` or a PATH of its own: they count too, if set. So
    does the repository of its `image`: layers are believed as far as their registry is, and anybody
    may serve a copy of an image, under its digest, with layers of their own.
    """
    return hashlib.sha256(b"".join(map(_framed, (*argv, *_places(container))))).hexdigest()


def _framed(word: str) -> bytes:
    # With its length ahead, no two lists of words are the same bytes; a pod's JSON may hold lone
    # surrogates, for which plain UTF-8 has no form.
    data = word.encode("utf-8", "surrogatepass")
    return b"%d:%b" % (len(data), data)


def _places(container: Object) -> Iterator[str]:
    """Where its words lie, and what the pod itself says about it: nothing in nearly all."""
    if repository := _repository(container.get("image")):
        yield f"image={repository}"
    if directory := container.get("workingDir"):
        yield f"workingDir={directory}"
    for entry in container.get("env") or ():
        if entry.get("name") == "PATH":
            yield f"PATH={entry.get('value')}"


def _repository(image: str | None) -> str:
    """Registry and path, as the pod names them; "" where there is no image."""
    try:
        return parse(image).repository if image else ""
    except ValueError:
        return ""
