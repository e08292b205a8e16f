"""Against a real API server: the webhook stops while a review waits for a registry."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cluster import Cluster
from tests.waiting import until
from tests.webhook.server.cluster.images.shelf import configured, pod
from tests.webhook.server.cluster.running import Running, running
from tests.webhook.server.serving import review


@pytest.fixture(name="hanging")
def fixture_hanging() -> Iterator[str]:
    """A registry that takes connections and never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(128)
        yield f"localhost:{listener.getsockname()[1]}"


def test_a_stop_answers_who_waits(
    installed: Cluster, own: str, hanging: str, tmp_path: Path
) -> None:
    """A review that waits for a registry when the server stops gets its answer."""
    file = configured(tmp_path, hanging)
    said: list[Any] = []

    def ask(one: Running) -> None:
        with one.server.client() as client:
            reply = client.post(review(object=pod(f"{hanging}/team/app:1")))
            said.append((reply.status, reply.json["response"]["allowed"]))

    with running(installed.kubeconfig, tmp_path, own, settings=file, inspection=True) as one:
        asking = threading.Thread(target=ask, args=(one,))
        asking.start()
        until(lambda: one.metric("spanhook_image_waiting") == 1, "the review waits")
    asking.join()

    assert said == [(200, True)]
