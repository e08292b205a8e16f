from typing import Any

import pytest

from tests.webhook.examples import candidate, container, image, pod, question
from webhook.annotations import LIBC_KEY
from webhook.decide import accepted, decide
from webhook.model import Facts, Skip, Target
from webhook.reasons import Reason
from webhook.settings import Settings

ANNOTATED = {"spanhook.dev/languages": "app=java"}


@pytest.mark.parametrize(
    ("one", "annotations", "settings", "expected"),
    [
        pytest.param(
            container(), {"spanhook.dev/languages": "x"}, {}, "InvalidAnnotation", id="fault"
        ),
        pytest.param(
            container(), {"spanhook.dev/languages": "app=none"}, {}, "OptedOut", id="none"
        ),
        pytest.param(container("istio/proxyv2"), {}, {}, "KnownSidecar", id="image of a sidecar"),
        pytest.param(container(name="istio-proxy"), {}, {}, "KnownSidecar", id="name of a sidecar"),
        pytest.param(
            container(),
            {},
            {"ignored_containers": ("app",)},
            "KnownSidecar",
            id="ignored by settings",
        ),
        pytest.param(container("istio/proxyv2"), ANNOTATED, {}, None, id="sidecar on request"),
        pytest.param(
            container(), ANNOTATED, {"ignored_containers": ("app",)}, None, id="ignored, on request"
        ),
        pytest.param(container("acme/x"), {}, {}, "LanguageUnknown", id="unknown"),
        pytest.param(container(""), {}, {}, "LanguageUnknown", id="no image"),
    ],
)
def test_before_the_language(
    one: dict[str, Any], annotations: dict[str, str], settings: Any, expected: str | None
) -> None:
    """Checks that need no look at what runs come first, and an annotation outdoes what is known."""
    answer = decide(question(one, pod(one, annotations=annotations), settings=Settings(**settings)))

    assert (answer.reason if isinstance(answer, Skip) else None) == expected


@pytest.mark.parametrize(
    ("one", "annotations", "expected"),
    [
        (container(name="init"), {}, Reason.INIT_CONTAINER),
        (container(name="init", restartPolicy="OnFailure"), {}, Reason.INIT_CONTAINER),
        (container(name="init", restartPolicy="Always"), {}, None),
        (container(name="init"), {"spanhook.dev/languages": "init=python"}, None),
        (container(name="init"), {"spanhook.dev/languages": "init=none"}, Reason.OPTED_OUT),
    ],
)
def test_init_containers(
    one: dict[str, Any], annotations: dict[str, str], expected: Reason | None
) -> None:
    """Native sidecars are decided on like containers, other init containers on request."""
    other = container("acme/x", "other")
    asked = question(other, pod(other, annotations=annotations, initContainers=[one]))
    answer = decide(
        type(asked)(
            asked.pod,
            Target("initContainers", 0, one, one["name"]),
            asked.wishes,
            asked.facts,
            asked.settings,
            asked.namespace,
        )
    )

    assert (answer.reason if isinstance(answer, Skip) else None) == expected


def test_annotation_beats_evidence() -> None:
    """What a person says is the language, and the evidence is kept beside it."""
    one = container("node:22", command=["node", "server.js"])
    found = decide(question(one, pod(one, annotations=ANNOTATED)))

    assert not isinstance(found, Skip)
    decision = accepted(found)
    assert (decision.language, decision.version) == ("java", None)
    assert [e.source for e in decision.evidence] == ["annotation", "command", "repository"]


def test_skip_has_all_that_was_found() -> None:
    """A container that is skipped after its language was found tells language and version."""
    skip = decide(question(container("python:3.8")))

    assert isinstance(skip, Skip)
    assert (skip.reason, skip.language, skip.version) == (
        Reason.VERSION_UNSUPPORTED,
        "python",
        "3.8",
    )
    assert skip.evidence


def test_version_of_the_most_trusted() -> None:
    """The command line's version goes before the image's, which goes before the tag's."""
    facts = Facts(images={"docker.io/library/python:3.10": image(PYTHON_VERSION="3.11.4")})
    plain = container("python:3.10")
    own = container("python:3.10", command=["python3.13", "app.py"])

    assert candidate(plain, facts).version == "3.11.4"
    assert candidate(own, facts).version == "3.13"


def test_libc_of_annotation() -> None:
    """An annotation tells the C library before the evidence does."""
    one = container("mcr.microsoft.com/dotnet/aspnet:8.0-alpine")
    found = decide(question(one, pod(one, annotations={LIBC_KEY: "app=glibc"})))

    assert not isinstance(found, Skip)
    assert found.libc == "glibc"
    assert candidate(one).libc == "musl"
