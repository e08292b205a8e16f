"""Evidence from an image's name alone.

It decides for official images and their mirrors, for publishers whose names are fixed, and for
well-known servers. Of anyone else's name only a word that stands alone is a hint:
`acme/orders-java` may as well be the documentation of a Java service.
"""

import re
from functools import lru_cache

from webhook.images import publishers, redhat, tags
from webhook.images.reference import DOCKER_HUB, OFFICIAL, Reference
from webhook.model import NATIVE, WINDOWS, Evidence, Libc, Source

_SEPARATORS = re.compile(r"[/._-]+")
_DISTROLESS = re.compile(r"(java-base|java|nodejs|python|base|cc|static)(\d[\d.]*)?(?:-\w+)*")
_DOTNET_FOLDERS = frozenset({"dotnet", "core", "nightly"})
_DOTNET_PATH = re.compile(r"(?:^|/)dotnet/(?:core/|nightly/)?[a-z-]+$")
_DISTROLESS_LANGUAGES = {
    "java-base": "java",
    "java": "java",
    "nodejs": "nodejs",
    "python": "python",
}
# The interpreter of a distroless Python is its Debian's.
_DEBIAN_PYTHON = {"debian11": "3.9", "debian12": "3.11", "debian13": "3.13"}


@lru_cache(maxsize=4096)
def of_reference(reference: Reference) -> tuple[Evidence, ...]:
    """What the repository and tag tell; at most one deciding piece, then the weak ones."""
    owner, name = _owner_and_name(reference)
    for reader in _READERS:
        if found := reader(reference, owner, name):
            return (found,)
    return _hints(reference)


def _owner_and_name(reference: Reference) -> tuple[str, str]:
    """The last two parts of the path: a mirror that keeps paths puts its own before them."""
    head, _, name = reference.path.rpartition("/")
    return head.rpartition("/")[2], name


def _tag(reference: Reference) -> str | None:
    """The tag that is pulled: `latest` where nothing is said, none that tells of a digest alone."""
    return reference.tag or (None if reference.digest else "latest")


def _evidence(
    reference: Reference,
    language: str | None,
    version: str | None = None,
    libc: Libc | None = None,
    *,
    decides: bool = True,
) -> Evidence:
    tag = f", tag {reference.tag}" if reference.tag else ""
    fact = f"repository {reference.repository}{tag}"
    if tags.windows(reference.tag) and decides:
        return Evidence(Source.REPOSITORY, fact, WINDOWS)
    return Evidence(Source.REPOSITORY, fact, language, version, libc, decides)


def _official(reference: Reference, owner: str, name: str) -> Evidence | None:
    if owner != OFFICIAL:
        return None
    tag = _tag(reference)
    if language := publishers.RUNTIMES.get(name):
        version = tags.version(language, _java_tag(name, tag) if language == "java" else tag)
        return _evidence(reference, language, version, tags.libc(tag, "glibc"))
    if name in publishers.JAVA_TOOLS:
        return _evidence(reference, "java", tags.jdk(tag), tags.libc(tag, "glibc"))
    if language := publishers.PRODUCTS.get(name):
        return _evidence(reference, language, None, tags.libc(tag))
    return None


def _java_tag(name: str, tag: str | None) -> str | None:
    # Semeru's tags start with the edition: open-17-jre, certified-11-jdk.
    return tag.removeprefix("open-") if tag and name == "ibm-semeru-runtimes" else tag


def _distribution(reference: Reference, owner: str, name: str) -> Evidence | None:
    known = publishers.DISTRIBUTIONS.get(name if owner == OFFICIAL else f"{owner}/{name}")
    if known is None:
        return None
    libc: Libc = "musl" if known == "musl" else "glibc"
    return _evidence(reference, None, None, libc)


def _microsoft(reference: Reference, owner: str, name: str) -> Evidence | None:
    if owner not in _DOTNET_FOLDERS or not _DOTNET_PATH.search(reference.path):
        return None
    tag = _tag(reference)
    if name == "runtime-deps":
        # The application brings its own runtime, of any version, or was compiled ahead of time.
        language = NATIVE if "aot" in tags.words(tag) else "dotnet"
        return _evidence(reference, language, None, tags.libc(tag, "glibc"))
    if name not in publishers.DOTNET:
        return None
    version = tags.sdk(tag) if name == "sdk" else tags.version("dotnet", tag)
    return _evidence(reference, "dotnet", version, tags.libc(tag, "glibc"))


def _distroless(reference: Reference, owner: str, name: str) -> Evidence | None:
    match = _DISTROLESS.fullmatch(name) if owner == "distroless" else None
    if match is None:
        return None
    kind, number = match[1], match[2]
    if kind == "static":  # mostly Go, but Rust and C live there just as well
        return _evidence(reference, "go", decides=False)
    version = number
    if kind == "python":
        version = _DEBIAN_PYTHON.get(name.rpartition("-")[2]) if number == "3" else number
    return _evidence(reference, _DISTROLESS_LANGUAGES.get(kind), version, "glibc")


def _bitnami(reference: Reference, owner: str, name: str) -> Evidence | None:
    if owner not in publishers.BITNAMI:
        return None
    if language := publishers.BITNAMI_RUNTIMES.get(name):
        tag = reference.tag
        version = tags.sdk(tag) if name == "dotnet-sdk" else tags.version(language, tag)
        return _evidence(reference, language, version, "glibc")
    language = publishers.bitnami_product(name)
    return _evidence(reference, language, None, "glibc") if language else None


def _chainguard(reference: Reference, owner: str, name: str) -> Evidence | None:
    if reference.domain != "cgr.dev" and owner != "chainguard":
        return None
    # Wolfi, which these are built on, has glibc although its package manager is apk.
    if language := publishers.CHAINGUARD_RUNTIMES.get(name):
        tag = reference.tag
        version = (
            tags.version(language, tag) if name not in publishers.JAVA_TOOLS else tags.jdk(tag)
        )
        return _evidence(reference, language, version, "glibc")
    return _evidence(reference, publishers.PRODUCTS.get(name), None, "glibc")


def _red_hat(reference: Reference, owner: str, name: str) -> Evidence | None:
    found = redhat.owned(f"{owner}/{name}")
    return _evidence(reference, found[0], found[1], "glibc") if found else None


def _owned(reference: Reference, owner: str, name: str) -> Evidence | None:
    pair = f"{owner}/{name}"
    if pair in publishers.JAVA_BUILDS:
        return _evidence(reference, "java", tags.version("java", reference.tag))
    if language := publishers.OWNED.get(pair):
        return _evidence(reference, language, None, tags.libc(reference.tag))
    return None


_READERS = (
    _official,
    _distribution,
    _microsoft,
    _distroless,
    _bitnami,
    _chainguard,
    _red_hat,
    _owned,
)


def _hints(reference: Reference) -> tuple[Evidence, ...]:
    """One weak piece per language whose word stands alone in the path, and Alpine in the tag."""
    words = _SEPARATORS.split(reference.path)
    languages = {publishers.WORDS[word]: None for word in words if word in publishers.WORDS}
    if reference.path == "node" and reference.domain != DOCKER_HUB:
        languages["nodejs"] = None  # a registry's own copy of the official image
    libc: Libc | None = "musl" if "alpine" in tags.words(reference.tag) else None
    hints = [_evidence(reference, language, decides=False) for language in languages]
    if libc:
        hints.append(_evidence(reference, None, None, libc, decides=False))
    return tuple(hints)
