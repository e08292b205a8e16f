"""The AdmissionReview (admission.k8s.io/v1) as it goes over the wire.

`parse` raises `BadReview` for what is not one: the caller's fault, HTTP 400. A review that is one,
but not of a pod that is being created, is `unfit`: it is answered "allowed, unchanged".
"""

from collections.abc import Iterable
from typing import Any, Generic, NotRequired, TypedDict, TypeVar

import msgspec

from webhook.model import Decided, Inject, Json, Object, Outcome
from webhook.value import Value

API_VERSION = "admission.k8s.io/v1"
KIND = "AdmissionReview"

_TOTAL_WARNINGS = 4000
"""Characters of all warnings together: the API server drops what goes beyond 4,096."""


class BadReview(ValueError):  # noqa: N818  # it says what the review is
    """What was sent is not an AdmissionReview of v1 with an object; the text says why."""


class _GroupVersionKind(msgspec.Struct, frozen=True):
    kind: str = ""
    group: str = ""
    version: str = ""


class _Metadata(TypedDict, total=False):
    """What the core reads of a pod's metadata. Half of a review are managedFields, left out."""

    name: Json
    generateName: Json
    namespace: Json
    labels: Json
    annotations: Json
    ownerReferences: Json


class _Pod(TypedDict):
    """The pod as far as it is read; what is absent stays absent, null stays null."""

    metadata: _Metadata
    spec: dict[str, Any]
    kind: NotRequired[str]


_Received = TypeVar("_Received")


class _Request(msgspec.Struct, Generic[_Received], frozen=True, rename="camel"):
    uid: str
    object: _Received
    kind: _GroupVersionKind = _GroupVersionKind()
    name: str | None = None
    namespace: str | None = None
    operation: str = "CREATE"
    sub_resource: str | None = None
    dry_run: bool | None = None


class _Envelope(msgspec.Struct, Generic[_Received], frozen=True, rename="camel"):
    api_version: str
    kind: str
    request: _Request[_Received]


class Review(Value):
    """A request for admission. `object` is the pod, without metadata that is never read."""

    uid: str
    object: Object
    kind: str
    namespace: str | None = None
    name: str | None = None
    operation: str = "CREATE"
    sub_resource: str | None = None
    dry_run: bool = False

    @property
    def unfit(self) -> str | None:
        """Why nothing can be done with it, or None when it is a pod that is being created."""
        if self.kind != "Pod":
            return f"a {self.kind or 'nameless kind'} is not a Pod"
        if self.operation != "CREATE":
            return f"{self.operation} cannot change a pod's containers any more"
        if self.sub_resource:
            return f"the subresource {self.sub_resource} is not the pod"
        return None


_lean = msgspec.json.Decoder(_Envelope[_Pod])
_plain = msgspec.json.Decoder(_Envelope[dict[str, Any]])
_encoder = msgspec.json.Encoder()


def parse(body: bytes) -> Review:
    """Read a review.

    Raises:
        BadReview: not JSON, not UTF-8, not a v1 AdmissionReview, or without uid or object.

    """
    try:
        envelope = _read(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadReview(str(error)) from error
    except RecursionError as error:
        raise BadReview("nested too deeply") from error
    if envelope.kind != KIND or envelope.api_version != API_VERSION:
        raise BadReview(
            f'expected {KIND} of {API_VERSION}, got "{envelope.kind}" of "{envelope.api_version}"'
        )
    request = envelope.request
    if not request.uid:
        raise BadReview("request.uid is empty")
    return Review(
        uid=request.uid,
        object=request.object,
        kind=_kind(request),
        namespace=request.namespace or _own_namespace(request.object),
        name=request.name or None,
        operation=request.operation,
        sub_resource=request.sub_resource or None,
        dry_run=bool(request.dry_run),
    )


def _read(body: bytes) -> _Envelope[_Pod] | _Envelope[dict[str, Any]]:
    try:
        return _lean.decode(body)
    except msgspec.ValidationError:
        # Not a pod, or one of an odd shape: its own words say what is wrong with the envelope.
        return _plain.decode(body)


def _kind(request: _Request[_Pod] | _Request[dict[str, Any]]) -> str:
    """The kind as people qualify it: "Pod", "Deployment.apps"."""
    kind = request.kind.kind or str(request.object.get("kind") or "")
    return f"{kind}.{request.kind.group}" if request.kind.group else kind


def _own_namespace(pod: Object) -> str | None:
    metadata = pod.get("metadata")
    namespace = metadata.get("namespace") if isinstance(metadata, dict) else None
    return namespace if isinstance(namespace, str) and namespace else None


def respond(review: Review, outcome: Outcome) -> bytes:
    """The answer: always allowed, with a patch when there is something to change."""
    response: dict[str, Any] = {"uid": review.uid, "allowed": True}
    if outcome.operations:
        response["patchType"] = "JSONPatch"
        response["patch"] = _encoder.encode(outcome.operations)  # bytes become base64
    if outcome.warnings:
        response["warnings"] = list(_within(outcome.warnings, _TOTAL_WARNINGS))
    if outcome.decisions:
        response["auditAnnotations"] = {"decisions": audit(outcome.decisions)}
    return _encoder.encode({"apiVersion": API_VERSION, "kind": KIND, "response": response})


def audit(decisions: Iterable[Decided]) -> str:
    """For the audit log and ours: app=inject:python,proxy=skip:KnownSidecar."""
    return ",".join([f"{d.target.name}={_verdict(d)}" for d in decisions])


def _verdict(decided: Decided) -> str:
    decision = decided.decision
    if isinstance(decision, Inject):
        return f"inject:{decision.language}"
    return f"skip:{decision.reason}"


def _within(warnings: Iterable[str], total: int) -> Iterable[str]:
    for warning in warnings:
        total -= len(warning.encode())
        if total < 0:
            return
        yield warning
