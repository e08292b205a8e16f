"""Evidence in an image's labels: what builders and base images write about themselves."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from webhook.images import redhat, versions
from webhook.images.reference import parse
from webhook.images.repositories import of_reference
from webhook.model import Evidence, Source

Labels = Mapping[str, str]

_DISTROLESS: Mapping[str, str] = {
    "com.google.distroless.java.version": "java",
    "com.google.distroless.python.version": "python",
    "com.google.distroless.nodejs.version": "nodejs",
}

# Labels by which glibc distributions name themselves: the value starts with one of these.
_GLIBC: Mapping[str, tuple[str, ...]] = {
    "com.redhat.component": ("",),
    "com.redhat.license_terms": ("",),
    "org.opencontainers.image.ref.name": ("ubuntu",),
    "io.buildpacks.base.distro.name": ("ubuntu", "debian", "rhel"),
    "io.buildpacks.stack.id": ("io.buildpacks.stacks.", "heroku-", "google", "com.redhat."),
    "org.opencontainers.image.url": ("https://images.chainguard.dev/",),
    "org.opencontainers.image.authors": ("Chainguard Team",),
}


def of_labels(labels: Labels) -> tuple[Evidence, ...]:
    """Evidence of every label that is known, in the order of how exact it is."""
    return tuple(piece for reader in _READERS for piece in reader(labels))


def _distroless(labels: Labels) -> list[Evidence]:
    return [
        Evidence(
            Source.IMAGE,
            f"label {name}={labels[name]}",
            language,
            versions.normalise(language, labels[name]),
            "glibc",
        )
        for name, language in _DISTROLESS.items()
        if labels.get(name)
    ]


def _spring_boot(labels: Labels) -> list[Evidence]:
    """Written by the buildpack and by hand; the version is Spring Boot's, not Java's."""
    name = "org.springframework.boot.version"
    if not labels.get(name):
        return []
    return [Evidence(Source.IMAGE, f"label {name}={labels[name]}", "java")]


def _red_hat(labels: Labels) -> list[Evidence]:
    found: list[Evidence] = []
    for name, reader in (("com.redhat.component", redhat.runtime), ("name", redhat.owned)):
        value = labels.get(name, "")
        if runtime := reader(value):
            found.append(Evidence(Source.IMAGE, f"label {name}={value}", *runtime, "glibc"))
    return found[:1]


def _base_name(labels: Labels) -> list[Evidence]:
    """The image that this one was built on, when the builder says so (OCI annotation keys)."""
    name = "org.opencontainers.image.base.name"
    try:
        reference = parse(labels.get(name, ""))
    except ValueError:
        return []
    fact = f"label {name}={reference}"
    return [replace(piece, source=Source.IMAGE, fact=fact) for piece in of_reference(reference)]


def _glibc(labels: Labels) -> list[Evidence]:
    if "chainguard.dev/directory/image/static/" in labels.get("org.opencontainers.image.url", ""):
        return []  # the base of programs that bring their own C library or need none
    for name, beginnings in _GLIBC.items():
        value = labels.get(name, "")
        if value and value.startswith(beginnings):
            return [Evidence(Source.IMAGE, f"label {name}={value[:60]}", libc="glibc")]
    return []


_READERS: tuple[Callable[[Labels], list[Evidence]], ...] = (
    _distroless,
    _red_hat,
    _spring_boot,
    _base_name,
    _glibc,
)
