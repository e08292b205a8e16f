"""What the API server sends to a mutating webhook, and what it does with the answer."""

import base64
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jsonpatch

_API = "admission.k8s.io/v1"
_POD_KIND = {"group": "", "version": "v1", "kind": "Pod"}
_POD_RESOURCE = {"group": "", "version": "v1", "resource": "pods"}
_REPLICA_SET_CONTROLLER = {
    "username": "system:serviceaccount:kube-system:replicaset-controller",
    "groups": [
        "system:serviceaccounts",
        "system:serviceaccounts:kube-system",
        "system:authenticated",
    ],
}


class ReviewError(Exception):
    """An answer that the API server would not accept."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, applied: the pod that would be stored, and what was said about it."""

    pod: Mapping[str, Any]
    operations: tuple[Mapping[str, Any], ...]
    warnings: tuple[str, ...]
    audit: Mapping[str, str]


def review(pod: Mapping[str, Any], namespace: str) -> dict[str, Any]:
    """The AdmissionReview for creating this pod."""
    return {
        "apiVersion": _API,
        "kind": "AdmissionReview",
        "request": {
            "uid": str(uuid.uuid4()),
            "kind": _POD_KIND,
            "resource": _POD_RESOURCE,
            "requestKind": _POD_KIND,
            "requestResource": _POD_RESOURCE,
            "namespace": namespace,
            "operation": "CREATE",
            "userInfo": _REPLICA_SET_CONTROLLER,
            "object": pod,
            "oldObject": None,
            "dryRun": False,
            "options": {"apiVersion": "meta.k8s.io/v1", "kind": "CreateOptions"},
        },
    }


def answered(sent: Mapping[str, Any], received: Mapping[str, Any]) -> Answer:
    """The answer to the review that was sent, its patch applied to the pod.

    Raises ReviewError for what the API server refuses: another type, another uid, a pod that is
    not allowed, a patch that cannot be read or applied.
    """
    response = _response(sent, received)
    operations = _operations(response)
    try:
        pod = jsonpatch.apply_patch(sent["request"]["object"], operations)
    except (jsonpatch.JsonPatchException, jsonpatch.JsonPointerException) as error:
        raise ReviewError(f"the patch does not apply: {error}") from error
    return Answer(
        pod=pod,
        operations=tuple(operations),
        warnings=tuple(response.get("warnings") or ()),
        audit=response.get("auditAnnotations") or {},
    )


def _response(sent: Mapping[str, Any], received: Mapping[str, Any]) -> Mapping[str, Any]:
    if (received.get("apiVersion"), received.get("kind")) != (_API, "AdmissionReview"):
        raise ReviewError("the answer is no v1 AdmissionReview")
    response: Mapping[str, Any] = received.get("response") or {}
    if response.get("uid") != sent["request"]["uid"]:
        raise ReviewError("the answer carries another uid")
    if response.get("allowed") is not True:
        raise ReviewError("the pod was not allowed")
    return response


def _operations(response: Mapping[str, Any]) -> list[dict[str, Any]]:
    if "patch" not in response:
        return []
    if response.get("patchType") != "JSONPatch":
        raise ReviewError("a patch of another type than JSONPatch")
    try:
        operations = json.loads(base64.b64decode(response["patch"], validate=True))
    except ValueError as error:
        raise ReviewError("the patch cannot be read") from error
    if not isinstance(operations, list):
        raise ReviewError("the patch is no list")
    return operations
