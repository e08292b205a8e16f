"""What is said of images that fail."""

from types import SimpleNamespace
from typing import Any

import pytest

from registry.errors import NotFound
from tests.webhook.server.cluster.recording import Recording
from webhook.server.cluster.profiler.notices import Notices
from webhook.server.cluster.profiler.queue import Priority, Task
from webhook.server.cluster.profiler.work import Done

CART = "registry.corp/cart:1"
LOOK = Task(CART, "registry.corp", "shop", Priority.LAYERS)
BROKEN = Done("layers", "sha256:1", message="the layer breaks off")
READ = Done("layers", "sha256:1")
UNREAD = ("warning", "profiler: layers cannot be read")
UNLEARNT = ("warning", "profiler: image cannot be learnt")


@pytest.fixture
def recording() -> Recording:
    """What is said and counted."""
    return Recording()


@pytest.fixture
def notices(recording: Recording) -> Notices:
    """Notices that nobody hears as Events."""
    events = SimpleNamespace(say=lambda _: None)
    context: Any = SimpleNamespace(log=recording.log, telemetry=recording.telemetry, events=events)
    return Notices(context)


def test_layers_that_fail_again(notices: Notices, recording: Recording) -> None:
    """It is said once, as what it is, until they are read; the image counts as failing."""
    for _ in range(3):
        notices.did(LOOK, BROKEN)
    assert recording.said() == [UNREAD]
    assert recording.lines[0]["why"] == "the layer breaks off"
    assert notices.failing == 1

    notices.did(LOOK, READ)
    assert notices.failing == 0
    notices.did(LOOK, BROKEN)
    assert recording.said() == [UNREAD, ("info", "profiler: image layers"), UNREAD]
    assert recording.metric("spanhook_profiler_images_total", outcome="layers") == 5


def test_another_fault(notices: Notices, recording: Recording) -> None:
    """A fault of another kind is said in its place, and that one once, too."""
    error = NotFound("registry.corp/cart:1 is not there")

    notices.did(LOOK, BROKEN)
    for _ in range(2):
        notices.failed(LOOK, error, lambda _: None)

    assert recording.said() == [UNREAD, UNLEARNT]
