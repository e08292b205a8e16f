import base64
import json
from typing import Any

import pytest

from tests.webhook.examples import container, pod
from webhook.model import Decided, Inject, Operation, Outcome, Skip, Target
from webhook.reasons import Reason
from webhook.review import BadReview, Review, audit, parse, respond

POD = {"apiVersion": "v1", "kind": "Pod", **pod()}
REQUEST = {
    "uid": "705ab4f5-6393-11e8-b7cc-42010a800002",
    "kind": {"group": "", "version": "v1", "kind": "Pod"},
    "resource": {"group": "", "version": "v1", "resource": "pods"},
    "name": "cart",
    "namespace": "shop",
    "operation": "CREATE",
    "userInfo": {"username": "admin"},
    "object": POD,
    "oldObject": None,
    "dryRun": False,
}
REVIEW = {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": REQUEST}


def _body(**request: Any) -> bytes:
    return json.dumps({**REVIEW, "request": {**REQUEST, **request}}).encode()


def _without(key: str) -> bytes:
    request = {name: value for name, value in REQUEST.items() if name != key}
    return json.dumps({**REVIEW, "request": request}).encode()


def test_parse() -> None:
    """A review is read, with what is not known left aside."""
    review = parse(_body(futureField=[1]))

    assert (review.uid, review.kind, review.namespace, review.name, review.dry_run) == (
        REQUEST["uid"],
        "Pod",
        "shop",
        "cart",
        False,
    )
    assert review.unfit is None
    assert review.object["spec"] == POD["spec"]
    assert review.object["metadata"] == POD["metadata"]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        pytest.param(b"", "truncated", id="empty"),
        pytest.param(b"no json", "malformed", id="not JSON"),
        pytest.param(b"[]", "object", id="a list"),
        pytest.param(b"null", "object", id="null"),
        pytest.param(b"{}", "missing required", id="an empty object"),
        pytest.param(_body()[:-1], "truncated", id="cut off"),
        pytest.param(_body() + b"x", "trailing", id="something behind it"),
        pytest.param(b"\xef\xbb\xbf" + _body(), "malformed", id="byte order mark"),
        pytest.param(
            _body().replace(b"admission.k8s.io/v1", b"admission.k8s.io/v1beta1"),
            "expected AdmissionReview of admission.k8s.io/v1",
            id="version",
        ),
        pytest.param(
            _body().replace(b"AdmissionReview", b"TokenReview"), 'got "TokenReview"', id="kind"
        ),
        pytest.param(_without("uid"), "uid", id="no uid"),
        pytest.param(_body(uid=""), "request.uid is empty", id="empty uid"),
        pytest.param(_body(uid=None), "uid", id="null uid"),
        pytest.param(_body(uid=3), "uid", id="uid is a number"),
        pytest.param(_without("object"), "object", id="no object"),
        pytest.param(_body(object=None), "object", id="null object"),
        pytest.param(_body(object=[]), "object", id="object is a list"),
        pytest.param(_body(object="x"), "object", id="object is a text"),
        pytest.param(_body(kind="Pod"), "kind", id="kind is a text"),
        pytest.param(_body(operation=3), "operation", id="operation is a number"),
        pytest.param(json.dumps({**REVIEW, "request": None}).encode(), "request", id="no request"),
        pytest.param(_body(name="x").replace(b'"x"', b'"\xff\xfe"'), "UTF-8", id="invalid UTF-8"),
        pytest.param(
            _body(name="NAME").replace(b'"NAME"', b"[" * 100_000), "", id="deeply nested list"
        ),
        pytest.param(
            _body(object={"a": "X"}).replace(b'"X"', b'{"a":' * 100_000),
            "",
            id="deeply nested object",
        ),
        pytest.param(json.dumps(REVIEW).replace('"CREATE"', "NaN").encode(), "malformed", id="NaN"),
    ],
)
def test_bad(body: bytes, why: str) -> None:
    """What is no v1 AdmissionReview with an object is refused, in words."""
    with pytest.raises(BadReview) as raised:
        parse(body)

    assert why.lower() in str(raised.value).lower()
    assert str(raised.value)


@pytest.mark.parametrize(
    ("fields", "unfit"),
    [
        ({}, None),
        ({"kind": {"kind": "Deployment"}}, "a Deployment is not a Pod"),
        ({"kind": {"group": "x.io", "kind": "Pod"}}, "a Pod.x.io is not a Pod"),
        ({"kind": {}, "object": {"kind": "Node"}}, "a Node is not a Pod"),
        ({"kind": {}, "object": {}}, "a nameless kind is not a Pod"),
        ({"kind": {}, "object": {"kind": 3}}, "a 3 is not a Pod"),
        ({"kind": {}}, None),
        ({"operation": "UPDATE"}, "UPDATE cannot change a pod's containers any more"),
        ({"operation": "CONNECT"}, "CONNECT cannot change a pod's containers any more"),
        ({"subResource": "status"}, "the subresource status is not the pod"),
        ({"subResource": ""}, None),
        ({"subResource": None}, None),
    ],
)
def test_unfit(fields: dict[str, Any], unfit: str | None) -> None:
    """A review of anything but a new pod is one that nothing can be done with."""
    assert parse(_body(**fields)).unfit == unfit


@pytest.mark.parametrize(
    ("fields", "namespace", "name"),
    [
        ({}, "shop", "cart"),
        ({"namespace": None, "name": None}, None, None),
        ({"namespace": "", "name": ""}, None, None),
        ({"namespace": "", "object": {"metadata": {"namespace": "own"}}}, "own", "cart"),
        ({"namespace": None, "object": {"metadata": {"namespace": 3}}}, None, "cart"),
        ({"namespace": None, "object": {"metadata": []}}, None, "cart"),
    ],
)
def test_names(fields: dict[str, Any], namespace: str | None, name: str | None) -> None:
    """The request names the pod, else the pod itself does, where it can."""
    review = parse(_body(**fields))

    assert (review.namespace, review.name) == (namespace, name)


@pytest.mark.parametrize(
    "metadata",
    [
        {},
        {"labels": None, "annotations": {}},
        {"labels": {"a": "b"}, "ownerReferences": [], "generateName": "cart-"},
        None,
        3,
    ],
)
def test_absent_and_null(metadata: Any) -> None:
    """What is absent in a pod stays absent, and null stays null: the patch depends on it."""
    review = parse(_body(object={"kind": "Pod", "metadata": metadata, "spec": {"x": None}}))

    assert review.object["metadata"] == metadata
    assert review.object["spec"] == {"x": None}


def test_without_metadata() -> None:
    """A pod without metadata or without spec is read as it is."""
    assert parse(_body(object={"spec": {}})).object == {"spec": {}}
    assert parse(_body(object={"metadata": {}})).object == {"metadata": {}}


def test_dry_run() -> None:
    """A dry run is told."""
    assert parse(_body(dryRun=True)).dry_run
    assert not parse(_body(dryRun=None)).dry_run


def _decided(name: str, decision: Inject | Skip) -> Decided:
    return Decided(Target("containers", 0, container(name=name), name), decision)


REVIEWED = Review("u", {}, "Pod")


def _response(outcome: Outcome) -> dict[str, Any]:
    answer = json.loads(respond(REVIEWED, outcome))
    assert (answer["apiVersion"], answer["kind"]) == ("admission.k8s.io/v1", "AdmissionReview")
    assert answer["response"]["uid"] == "u"
    assert answer["response"]["allowed"] is True
    return dict(answer["response"])


def test_respond_nothing() -> None:
    """Nothing to do is an answer without patch, warnings or audit annotations."""
    assert _response(Outcome()) == {"uid": "u", "allowed": True}


def test_respond_patch() -> None:
    """A patch goes as base64 of its JSON, with its type beside it."""
    response = _response(Outcome((Operation("add", "/metadata/labels", {"ü": "1"}),)))

    assert response["patchType"] == "JSONPatch"
    assert json.loads(base64.b64decode(response["patch"])) == [
        {"op": "add", "path": "/metadata/labels", "value": {"ü": "1"}}
    ]


@pytest.mark.parametrize(
    ("warnings", "kept"),
    [
        (("a", "b"), 2),
        (("x" * 250,) * 16, 16),
        (("x" * 250,) * 17, 16),
        (("🚀" * 250,) * 5, 4),
        (("x" * 4001, "y"), 0),
    ],
)
def test_respond_warnings(warnings: tuple[str, ...], kept: int) -> None:
    """Warnings stay within what the API server passes on; the first ones count."""
    assert _response(Outcome(warnings=warnings)).get("warnings", []) == list(warnings[:kept])


def test_audit() -> None:
    """The audit log has every container's decision in a word."""
    decisions = (
        _decided("app", Inject("python")),
        _decided("proxy", Skip(Reason.KNOWN_SIDECAR, "secret words")),
    )

    assert audit(decisions) == "app=inject:python,proxy=skip:KnownSidecar"
    assert _response(Outcome(decisions=decisions))["auditAnnotations"] == {
        "decisions": "app=inject:python,proxy=skip:KnownSidecar"
    }
