"""The small JSON documents that the server itself writes."""

import msgspec

JSON = b"application/json"

_encode = msgspec.json.Encoder().encode


def error(reason: str) -> bytes:
    """What is wrong with a request, for whoever sent it."""
    return _encode({"error": reason})


def allowed(uid: str, warning: str) -> bytes:
    """The answer where everything else failed: the pod goes in as it is, and its owner is told."""
    response = {"uid": uid, "allowed": True, "warnings": [warning]}
    return _encode(
        {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": response}
    )
