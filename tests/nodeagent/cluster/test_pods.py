from typing import Any

import msgspec

from nodeagent.cluster.pods import PodObject, Pods

_decode = msgspec.json.Decoder(PodObject).decode
_ID = "0123456789abcdef" * 4


def _pod(uid: str, namespace: str = "shop", **status: Any) -> PodObject:
    document = {
        "metadata": {
            "name": f"pod-{uid}",
            "namespace": namespace,
            "uid": uid,
            "managedFields": [{"manager": "kubelet"}],
        },
        "spec": {"containers": [{"name": "app"}], "what-is-new": {"in": [1, None]}},
        "status": status,
    }
    return _decode(msgspec.json.encode(document))


def _status(name: str, identifier: str | None) -> dict[str, Any]:
    return {"name": name, **({"containerID": identifier} if identifier else {})}


def test_a_pod_is_kept_but_for_who_wrote_what() -> None:
    """Fields that we do not know are there; managed fields are not."""
    pod = _pod("1", phase="Running").kept()

    assert (pod.uid, pod.namespace, pod.name) == ("1", "shop", "pod-1")
    assert pod.document == {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "pod-1", "namespace": "shop", "uid": "1"},
        "spec": {"containers": [{"name": "app"}], "what-is-new": {"in": [1, None]}},
        "status": {"phase": "Running"},
    }


def test_containers_are_known_by_their_ids() -> None:
    """Whatever the runtime; init containers, too. One that waits has none."""
    pod = _pod(
        "1",
        containerStatuses=[_status("app", f"containerd://{_ID}"), _status("late", None)],
        initContainerStatuses=[_status("proxy", "cri-o://abc")],
        ephemeralContainerStatuses=[_status("debugger", "docker://def")],
    ).kept()

    assert pod.container(_ID) == "app"
    assert pod.container("abc") == "proxy"
    assert pod.container("def") == "debugger"
    assert pod.container("") is None


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
