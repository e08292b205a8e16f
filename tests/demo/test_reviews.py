import base64
import json
from typing import Any

import pytest

from demo.pods import pod_of
from demo.reviews import ReviewError, answered, review
from demo.workloads import read

_POD = pod_of(read().deployments[0])


def _answer(sent: dict[str, Any], **response: Any) -> dict[str, Any]:
    return {
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "response": {"uid": sent["request"]["uid"], "allowed": True, **response},
    }


def _patch(*operations: dict[str, Any]) -> dict[str, Any]:
    text = base64.b64encode(json.dumps(operations).encode()).decode()
    return {"patchType": "JSONPatch", "patch": text}


def test_a_review_is_what_the_api_server_sends() -> None:
    """A v1 review of a pod's creation by the ReplicaSet controller, with an uid of its own."""
    one, other = review(_POD, "shop"), review(_POD, "shop")
    request = one["request"]

    assert (one["apiVersion"], one["kind"]) == ("admission.k8s.io/v1", "AdmissionReview")
    assert (request["operation"], request["namespace"]) == ("CREATE", "shop")
    assert request["object"] == _POD
    assert request["oldObject"] is None
    assert request["uid"] != other["request"]["uid"]


def test_the_patch_is_applied() -> None:
    """The pod that comes back is the sent one, patched; the sent one stays."""
    sent = review(_POD, "shop")
    operation = {"op": "add", "path": "/metadata/labels/x", "value": "1"}

    answer = answered(sent, _answer(sent, **_patch(operation), warnings=["w"]))

    assert answer.pod["metadata"]["labels"]["x"] == "1"
    assert "x" not in _POD["metadata"]["labels"]
    assert answer.operations == (operation,)
    assert answer.warnings == ("w",)


def test_an_answer_without_a_patch_leaves_the_pod() -> None:
    """Nothing to do is an answer too."""
    sent = review(_POD, "shop")

    assert answered(sent, _answer(sent)).pod == _POD


@pytest.mark.parametrize(
    ("change", "named"),
    [
        pytest.param({"uid": "another"}, "another uid", id="uid"),
        pytest.param({"allowed": False}, "not allowed", id="refused"),
        pytest.param({**_patch(), "patchType": "Merge"}, "another type", id="patch type"),
        pytest.param({"patchType": "JSONPatch", "patch": "%%"}, "cannot be read", id="base64"),
        pytest.param(
            {"patchType": "JSONPatch", "patch": base64.b64encode(b"{}").decode()},
            "no list",
            id="an object",
        ),
        pytest.param(
            _patch({"op": "remove", "path": "/none"}), "does not apply", id="a path that is missing"
        ),
    ],
)
def test_what_the_api_server_refuses(change: dict[str, Any], named: str) -> None:
    """An answer that would lose the pod is an error that says why."""
    sent = review(_POD, "shop")

    with pytest.raises(ReviewError, match=named):
        answered(sent, _answer(sent, **change))


def test_an_answer_of_another_type_is_refused() -> None:
    """Only a v1 AdmissionReview counts."""
    sent = review(_POD, "shop")

    with pytest.raises(ReviewError, match="no v1 AdmissionReview"):
        answered(sent, {**_answer(sent), "apiVersion": "admission.k8s.io/v1beta1"})
