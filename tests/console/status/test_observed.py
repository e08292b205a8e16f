"""What node agents saw run decides here, too."""

from typing import Any

import pytest

from console.status.model import Status
from console.status.observed import PATH
from kube.errors import ApiError
from tests.console.status.answering import FakeClient, answers, ask, forbidden
from tests.console.status.documents import of_deployment
from tests.console.status.looking import outcome
from tests.webhook.observed.examples import DIGEST, application, changed
from webhook.observed import started

IMAGE = f"acme/cart@{DIGEST}"


def seen(answer: Any) -> Status:
    """What is said of one pod, where this is what was seen."""
    given = answers(of_deployment("cart", image=IMAGE))
    return ask(FakeClient({**given, PATH: answer}))


def written(language: str) -> Any:
    """An object of the pod's Deployment."""
    found = changed("spec.languages.0.commandKey", started({"image": IMAGE}))
    found["spec"]["languages"][0] |= {
        "language": language,
        "containerName": of_deployment("cart")["spec"]["containers"][0]["name"],
    }
    return found


def test_it_decides() -> None:
    """As it does in the webhook; what cannot be understood counts for nothing."""
    broken = application("cobol")

    assert outcome(seen({"items": [broken, written("java")]})) == ("pending", "java", None)
    assert outcome(seen({"items": [broken]})) == ("skipped", None, "ImagePending")


@pytest.mark.parametrize(
    ("error", "unread"),
    [
        (ApiError(404, "NotFound", "no such kind"), []),
        (forbidden("instrumentedapplications"), ["InstrumentedApplications"]),
    ],
)
def test_what_is_not_there(error: ApiError, unread: list[str]) -> None:
    """Without the kind there is nothing to say; without the right it is said."""
    found = seen(error)

    assert outcome(found) == ("skipped", None, "ImagePending")
    assert [one.what for one in found.unread] == unread
