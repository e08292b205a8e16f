import logging
from typing import Any

import msgspec
import pytest

from nodeagent.cluster.pod import LARGEST, PodObject
from nodeagent.cluster.pods import Pods

_decode = msgspec.json.Decoder(PodObject).decode


def _pod(uid: str, namespace: str = "shop", argument: str = "", **status: Any) -> PodObject:
    document = {
        "metadata": {"name": f"pod-{uid}", "namespace": namespace, "uid": uid},
        "spec": {"containers": [{"name": "app", "args": [argument]}]},
        "status": status,
    }
    return _decode(msgspec.json.encode(document))


def test_pods_come_and_go() -> None:
    """Each change is told by the pod's UID."""
    told: list[str] = []
    pods = Pods(told.append)
    pods.replaced([_pod("1"), _pod("2", "other")])
    assert sorted(told) == ["1", "2"]
    told.clear()

    pods.changed(_pod("3"))
    pods.removed(_pod("2"))
    pods.removed(_pod("2"))
    assert told == ["3", "2"]
    assert sorted(pods.within("shop")) == ["1", "3"]
    told.clear()

    pods.replaced([_pod("1"), _pod("4")])
    assert sorted(told) == ["3", "4"]
    assert set(pods.known) == {"1", "4"}


def test_what_nobody_reads_is_no_change() -> None:
    """A pod stays the very same value, for which its verdicts are remembered."""
    told: list[str] = []
    pods = Pods(told.append)
    pods.changed(_pod("1", phase="Pending"))
    first = pods.get("1")
    pods.changed(_pod("1", phase="Running"))
    pods.replaced([_pod("1", phase="Failed")])

    assert told == ["1"]
    assert pods.get("1") is first

    pods.changed(_pod("1", hostIP="10.0.0.1"))
    assert told == ["1", "1"]
    assert pods.get("1") != first


def test_a_pod_that_is_too_large_is_said_once(caplog: pytest.LogCaptureFixture) -> None:
    """However often it changes; and once more when it was smaller in between."""
    pods = Pods(lambda _: None)
    large = "x" * LARGEST
    with caplog.at_level(logging.WARNING):
        pods.changed(_pod("1", argument=large))
        pods.changed(_pod("1", argument=large, hostIP="10.0.0.1"))
        pods.replaced([_pod("1", argument=large)])
        assert len(caplog.messages) == 1

        pods.changed(_pod("1"))
        pods.changed(_pod("1", argument=large))

    said = "shop/pod-1 is left alone: more than 128 KiB would be kept"
    assert caplog.messages == [said, said]
