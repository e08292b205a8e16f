"""The grammar of image references, as container runtimes read them.

The rules are those of the distribution project's `reference` package: what stands before the first
slash is a registry when it has a dot, a colon or an upper-case letter, or is `localhost`;
otherwise the image is on Docker Hub, and a name without a slash is one of its official images.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

DOCKER_HUB = "docker.io"
OFFICIAL = "library"

# index.docker.io is what Docker Hub was called in the first clients; it still appears in manifests.
_HUB_NAMES = frozenset({DOCKER_HUB, "index.docker.io"})
_LONGEST_NAME = 255
_LONGEST_SHOWN = 120

_DOMAIN = re.compile(
    r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?"
    r"(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*"
    r"|\[[0-9A-Fa-f:]+\])(?::[0-9]+)?"
)
_PATH_PART = re.compile(r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")
_DIGEST = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9A-Fa-f]{32,}")
_DIGEST_LENGTHS = {"sha256": 64, "sha384": 96, "sha512": 128}
_IMAGE_ID = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Reference:
    """An image's name: registry, path in it, and the tag or digest that was asked for."""

    domain: str
    path: str
    tag: str | None = None
    digest: str | None = None

    @property
    def repository(self) -> str:
        """Registry and path: `docker.io/library/python`."""
        return f"{self.domain}/{self.path}"

    def __str__(self) -> str:
        """The whole reference, tag and digest as they were given."""
        tag = f":{self.tag}" if self.tag else ""
        digest = f"@{self.digest}" if self.digest else ""
        return f"{self.repository}{tag}{digest}"


@lru_cache(maxsize=4096)
def parse(text: str) -> Reference:
    """The reference that `text` is, with Docker Hub's defaults filled in.

    Raises ValueError, which says what is wrong, for a text that no container runtime would pull.
    """
    name, at, digest = text.partition("@")
    if at:
        _check_digest(text, digest)
    name, tag = _without_tag(text, name)
    domain, path = _without_domain(name)
    _check_name(text, domain, path)
    return Reference(domain, path, tag, digest or None)


@lru_cache(maxsize=4096)
def canonical(text: str) -> str:
    """The one spelling of a reference: `python` becomes `docker.io/library/python:latest`.

    A digest leaves the tag out, as containerd does: what is pulled is the digest's content whatever
    the tag says. Raises ValueError like `parse`.
    """
    reference = parse(text)
    if reference.digest:
        return f"{reference.repository}@{reference.digest}"
    return f"{reference.repository}:{reference.tag or 'latest'}"


def _refuse(text: str, why: str) -> ValueError:
    shown = text if len(text) <= _LONGEST_SHOWN else text[:_LONGEST_SHOWN] + "…"
    return ValueError(f"{shown!r} is not an image reference: {why}")


def _check_digest(text: str, digest: str) -> None:
    if not _DIGEST.fullmatch(digest):
        raise _refuse(text, "what follows @ must be a digest such as sha256:<64 hex digits>")
    algorithm, _, value = digest.partition(":")
    length = _DIGEST_LENGTHS.get(algorithm)
    if length is not None and (len(value) != length or value != value.lower()):
        raise _refuse(text, f"a {algorithm} digest has {length} lower-case hex digits")


def _without_tag(text: str, name: str) -> tuple[str, str | None]:
    head, colon, tail = name.rpartition(":")
    if not colon or "/" in tail:  # a colon before a slash separates a registry's port
        return name, None
    if not _TAG.fullmatch(tail):
        raise _refuse(
            text,
            "a tag has 1 to 128 letters, digits, '_', '.' or '-', first a letter, digit or '_'",
        )
    return head, tail


def _without_domain(name: str) -> tuple[str, str]:
    first, slash, rest = name.partition("/")
    if not slash or not _is_domain(first):
        domain, path = DOCKER_HUB, name
    else:
        domain, path = first, rest
    if domain in _HUB_NAMES:
        return DOCKER_HUB, path if "/" in path else f"{OFFICIAL}/{path}"
    return domain, path


def _is_domain(text: str) -> bool:
    return "." in text or ":" in text or text == "localhost" or text != text.lower()


def _check_name(text: str, domain: str, path: str) -> None:
    if not path or path == f"{OFFICIAL}/":
        raise _refuse(text, "it has no name" if text else "it is empty")
    if not _DOMAIN.fullmatch(domain):
        raise _refuse(text, f"{domain!r} is not a registry's host name and port")
    if len(domain) + 1 + len(path) > _LONGEST_NAME:
        raise _refuse(text, f"the name is longer than {_LONGEST_NAME} characters")
    for part in path.split("/"):
        if not _PATH_PART.fullmatch(part):
            raise _refuse(
                text,
                f"{part!r} is not a part of a name (lower-case letters and digits,"
                " separated by '.', '_', '__' or '-')",
            )
    if domain == DOCKER_HUB and _IMAGE_ID.fullmatch(path.removeprefix(f"{OFFICIAL}/")):
        raise _refuse(text, "64 hex digits are an image's identity, not a name")
