"""What was seen run, as evidence."""

from dataclasses import replace
from typing import Any

import pytest

from tests.webhook.examples import container, pod
from tests.webhook.observed.examples import CART, DIGEST, KEY
from webhook.model import Context, Evidence, Facts, Image, Inject, Namespace, Owner, Skip, Source
from webhook.mutate import mutate
from webhook.observed import Observed, evidence, find, started
from webhook.settings import Settings

IMAGE = f"acme/cart@{DIGEST}"
SCRIPT = container(IMAGE, command=["/start.sh"])
SEEN = Observed("java", "21.0.4", "glibc", "java", (), started(SCRIPT))


def decided(one: dict[str, Any], seen: Observed, **facts: Any) -> Inject | Skip:
    """What is decided about a container of the workload in which something was seen."""
    context = Context(Namespace("shop"), Owner("Deployment", "cart"), opted_in=True)
    notes = facts.pop("annotations", None)
    known = Facts(observed={KEY: seen}, **facts)
    outcome = mutate(pod(one, annotations=notes), context, known, Settings())
    assert outcome.failure is None
    return outcome.decisions[0].decision


@pytest.mark.parametrize(
    ("one", "seen", "notes", "expected"),
    [
        pytest.param(SCRIPT, SEEN, None, "java", id="decides"),
        pytest.param(SCRIPT, replace(SEEN, command_key=""), None, "java", id="no command said"),
        pytest.param(SCRIPT, replace(SEEN, language=None), None, "LanguageUnknown", id="foreign"),
        pytest.param(SCRIPT | {"args": ["x"]}, SEEN, None, "LanguageUnknown", id="another command"),
        pytest.param(SCRIPT | {"name": "b"}, SEEN, None, "LanguageUnknown", id="another container"),
        pytest.param(
            SCRIPT, SEEN, {"spanhook.dev/languages": "app=python"}, "python", id="annotation"
        ),
        pytest.param(
            container(IMAGE, command=["node", "x.js"]),
            replace(SEEN, command_key=""),
            None,
            "java",
            id="before the command",
        ),
        pytest.param(
            container(IMAGE, command=["node", "x.js"]), SEEN, None, "nodejs", id="after a change"
        ),
        pytest.param(
            SCRIPT, replace(SEEN, agents=("Datadog",)), None, "OtherAgentPresent", id="agent"
        ),
        pytest.param(
            SCRIPT,
            replace(SEEN, agents=("OpenTelemetry",)),
            None,
            "AlreadyInstrumented",
            id="OpenTelemetry",
        ),
        pytest.param(
            container(IMAGE, command=["java", "-jar", "x.jar"]),
            replace(SEEN, agents=("Datadog",)),
            None,
            "java",
            id="agent behind another command",
        ),
        pytest.param(
            SCRIPT, replace(SEEN, version="1.7.0"), None, "VersionUnsupported", id="too old"
        ),
    ],
)
def test_decisions(
    one: dict[str, Any], seen: Observed, notes: dict[str, str] | None, expected: str
) -> None:
    """The same workload, container, image and command line: what ran there runs again."""
    decision = decided(one, seen, annotations=notes)

    assert (decision.language if isinstance(decision, Inject) else decision.reason) == expected


def test_what_explain_shows() -> None:
    """Version and C library, and where it was seen, right after what an annotation says."""
    decision = decided(SCRIPT, SEEN, annotations={"spanhook.dev/languages": "app=java"})

    assert [one.source for one in decision.evidence] == [
        Source.ANNOTATION,
        Source.OBSERVED,
        Source.COMMAND,
    ]
    assert decision.evidence[1] == Evidence(
        Source.OBSERVED,
        "java ran in Deployment cart from this image",
        "java",
        "21.0.4",
        "glibc",
    )
    assert (decision.version, decision.libc) == ("21.0.4", "glibc")


def test_another_agent_is_named() -> None:
    """So that a person who asks why finds it."""
    found = evidence(replace(SEEN, agents=("Datadog", "Instana")), CART, started(SCRIPT))

    assert found.fact == "java ran in Deployment cart from this image, with Datadog, Instana"


@pytest.mark.parametrize(
    ("image", "digests", "is_found"),
    [
        (IMAGE, {}, True),
        (f"acme/cart:1@{DIGEST}", {}, True),
        ("acme/cart:1", {"docker.io/acme/cart:1": DIGEST}, True),
        ("acme/cart:1", {"docker.io/acme/cart:1": "sha256:" + "2" * 64}, False),
        ("acme/cart:1", {}, False),
        ("acme/cart@sha256:" + "2" * 64, {}, False),
        ("", {}, False),
        (":::", {}, False),
    ],
)
def test_images(image: str, digests: dict[str, str], is_found: bool) -> None:
    """By digest, by a tag that is known to point there, and in no other way."""
    facts = Facts(observed={KEY: SEEN}, digests=digests)

    assert find({"name": "app", "image": image}, CART, facts) == (SEEN if is_found else None)


def test_without_a_workload() -> None:
    """A pod that has neither owner nor name was never seen."""
    assert find({"name": "app", "image": IMAGE}, None, Facts(observed={KEY: SEEN})) is None


def test_the_libc_that_is_loaded_counts() -> None:
    """Not what the image was built from: .NET has an agent for each."""
    seen = Observed("dotnet", "8.0.4", "musl", "dotnet", (), started(SCRIPT))
    built = {
        "docker.io/" + IMAGE: Image(evidence=(Evidence(Source.IMAGE, "Debian", libc="glibc"),))
    }

    decision = decided(SCRIPT, seen, images=built)

    assert isinstance(decision, Inject)
    assert decision.libc == "musl"
