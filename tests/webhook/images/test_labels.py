"""What an image's labels tell."""

import pytest

from webhook.images.labels import of_labels
from webhook.model import Source

BASE = "org.opencontainers.image.base.name"
CHAINGUARD = "org.opencontainers.image.url"
DIRECTORY = "https://images.chainguard.dev/directory/image"

TOLD: list[tuple[dict[str, str], list[tuple[str | None, str | None, str | None]]]] = [
    ({"com.google.distroless.java.version": "21.0.8"}, [("java", "21.0.8", "glibc")]),
    ({"com.google.distroless.python.version": "3.13"}, [("python", "3.13", "glibc")]),
    ({"org.springframework.boot.version": "3.5.4"}, [("java", None, None)]),
    ({BASE: "docker.io/library/python:3.12-alpine"}, [("python", "3.12", "musl")]),
    ({BASE: "mcr.microsoft.com/dotnet/aspnet:8.0"}, [("dotnet", "8.0", "glibc")]),
    ({BASE: "alpine:3.22"}, [(None, None, "musl")]),
    ({BASE: "scratch image!"}, []),
    ({BASE: ""}, []),
    ({"name": "ubi9/nodejs-22"}, [("nodejs", "22", "glibc")]),
    ({"name": "nodejs-22"}, []),
    (
        {"com.redhat.component": "python-312-container", "name": "ubi9/python-312"},
        [("python", "3.12", "glibc"), (None, None, "glibc")],
    ),
    ({"com.redhat.component": "ubi9-minimal-container"}, [(None, None, "glibc")]),
    ({"org.opencontainers.image.ref.name": "ubuntu"}, [(None, None, "glibc")]),
    ({"org.opencontainers.image.ref.name": "acme"}, []),
    ({"io.buildpacks.stack.id": "io.buildpacks.stacks.jammy"}, [(None, None, "glibc")]),
    ({CHAINGUARD: f"{DIRECTORY}/glibc-dynamic/overview"}, [(None, None, "glibc")]),
    ({CHAINGUARD: f"{DIRECTORY}/static/overview"}, []),
    ({"maintainer": "java team", "org.opencontainers.image.title": "python"}, []),
]


@pytest.mark.parametrize(("labels", "told"), TOLD)
def test_of_labels(
    labels: dict[str, str], told: list[tuple[str | None, str | None, str | None]]
) -> None:
    """Labels of builders and base images tell language, version and C library; others nothing."""
    evidence = of_labels(labels)

    assert told == [(piece.language, piece.version, piece.libc) for piece in evidence]
    assert all(piece.source is Source.IMAGE for piece in evidence)


def test_hint_in_base_name_stays_a_hint() -> None:
    """A base image of somebody's own is no more certain than its name."""
    (piece,) = of_labels({BASE: "registry.corp/base/java:5"})

    assert (piece.language, piece.version, piece.decides) == ("java", None, False)
