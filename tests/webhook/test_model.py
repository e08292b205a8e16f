from typing import Any

import pytest

from tests.webhook.examples import container
from webhook.model import Context, Evidence, Facts, Image, Inject, Namespace, Skip, Source, Target
from webhook.reasons import Reason


@pytest.mark.parametrize(
    "value",
    [
        Context(),
        Evidence(Source.IMAGE, "x"),
        Facts(),
        Image(),
        Inject("java"),
        Namespace(),
        Skip(Reason.AMBIGUOUS),
        Target("containers", 0, container(), "app"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_frozen(value: Any) -> None:
    """What travels through the core cannot be changed on the way."""
    with pytest.raises(AttributeError):
        setattr(value, value.__match_args__[0], None)
    assert not hasattr(value, "__dict__")


def test_path() -> None:
    """A container's path is its JSON Pointer in the pod."""
    assert Target("initContainers", 3, container(), "app").path == "/spec/initContainers/3"


def test_order_of_trust() -> None:
    """Sources stand in the order in which they are trusted."""
    assert list(Source) == [
        Source.ANNOTATION,
        Source.OBSERVED,
        Source.COMMAND,
        Source.IMAGE,
        Source.ENVIRONMENT,
        Source.REPOSITORY,
        Source.LAYERS,
    ]
