"""Registries that refuse: Events of the webhook tell it."""

from collections.abc import Callable
from typing import Any

import pytest

from console.status.model import ImageState, Severity
from registry.errors import NotFound
from tests.console.status.answering import FakeClient, answers, ask, forbidden
from tests.console.status.documents import of_deployment
from tests.console.status.events import PRIVATE, of_a_pod, of_an_image
from tests.console.status.looking import CART, look, only, outcome
from tests.console.status.shelf import PYTHON, event, listed, profile


@pytest.mark.parametrize("say", [of_a_pod, of_an_image])
def test_a_registry_that_refuses(say: Callable[[str], Any]) -> None:
    """An Event tells that an image is not pending but refused, and for want of what."""
    found = look(said={"items": [say(PRIVATE)]})

    image = only(found)
    assert (image.state, image.message) == (ImageState.UNREACHABLE, PRIVATE)
    assert image.remedy.command == (
        "kubectl create secret docker-registry spanhook-pull -n spanhook-system"
        " --docker-server=registry.example.com --docker-username=USER --docker-password=PASSWORD"
    )
    ((workload,),) = (one.workloads for one in found.namespaces)
    assert (workload.containers[0].reason, workload.containers[0].message) == (
        "ImageUnreachable",
        PRIVATE,
    )
    assert not found.healthy
    assert [one.message for one in found.findings] == [
        "Registries do not say what 1 image is; 1 container is skipped for it."
    ]


def test_other_faults() -> None:
    """Where credentials would not help they are no advice."""
    said = str(NotFound("shop/cart is not there"))
    image = only(look(said={"items": [of_a_pod(said)]}))

    assert image.state is ImageState.UNREACHABLE
    assert image.remedy.command == f"spanhook inspect {CART}"
    assert "docs/images.md" in (image.remedy.advice or "")


def test_refused_and_not_needed() -> None:
    """A registry that refuses an image whose language is known all the same is worth a note."""
    refused = event("ImageNotReadable", f"docker.io/library/python:3.12: no. {PRIVATE}")
    found = look(image="python:3.12", said={"items": [refused]})

    assert outcome(found) == ("pending", "python", None)
    notes = [one.message for one in found.findings if one.severity is Severity.NOTE]
    assert notes == ["Registries do not say what 1 image is."]


def test_events_of_others() -> None:
    """What is said of other images, workloads and things, is not said of this one."""
    others = (
        event("ImageNotReadable", "registry.example.com/shop/other:1: no"),
        event("ImageUnreachable", "Not instrumented: app: no", name="other"),
        event("ImageUnreachable", "Not instrumented: proxy: no"),
        event("LanguageUnknown", f"{CART}: no"),
        {"reason": "ImageUnreachable"},
    )

    assert only(look(said={"items": [*others]})).state is ImageState.UNKNOWN


def test_events_are_asked_for_where_they_help() -> None:
    """Events are read of namespaces with unknown images alone, and by our own name."""
    events = "/api/v1/namespaces/shop/events"
    pods = of_deployment("cart", image=CART)
    without, with_ = (
        FakeClient(answers(pods, profiles=listed(*known)))
        for known in ((), (profile(CART, PYTHON),))
    )
    ask(without)
    ask(with_)

    (query,) = (query for path, query in without.asked if path == events)
    assert query["fieldSelector"] == "reportingComponent=spanhook.dev/webhook,type=Warning"
    assert all(path != events for path, _ in with_.asked)


def test_events_that_may_not_be_read() -> None:
    """Without the right the image is as pending as it looks, and the lack is said."""
    found = look(said=forbidden("events"))

    assert only(found).state is ImageState.UNKNOWN
    assert [(one.section, one.what) for one in found.unread] == [("images", "Events of shop")]
