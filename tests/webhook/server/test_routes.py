import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.webhook.server.serving import POD, Server, post, review, serving


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests here: none of them ends it or fills it up."""
    with serving(tmp_path_factory.mktemp("routes")) as running:
        yield running


def test_review_is_answered_with_a_patch(server: Server) -> None:
    """The answer carries the review's uid, allows the pod and has a JSON Patch."""
    with server.client() as client:
        reply = client.post(review("u-42"))

    assert (reply.status, reply.headers["content-type"]) == (200, "application/json")
    assert (reply.json["apiVersion"], reply.json["kind"]) == (
        "admission.k8s.io/v1",
        "AdmissionReview",
    )
    response = reply.json["response"]
    assert (response["uid"], response["allowed"], response["patchType"]) == (
        "u-42",
        True,
        "JSONPatch",
    )
    assert {"op", "path", "value"} == set(json.loads(base64.b64decode(response["patch"]))[0])


def test_pod_that_opts_out_is_left_alone(server: Server) -> None:
    """Without a cluster every pod counts as opted in, but for those that opt out."""
    metadata = POD["metadata"] | {"labels": {"spanhook.dev/instrument": "disabled"}}

    with server.client() as client:
        response = client.post(review(object=POD | {"metadata": metadata})).json["response"]

    assert (response["allowed"], response.get("patch")) == (True, None)


V1 = "admission.k8s.io/v1"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"{", id="malformed JSON"),
        pytest.param(b"null", id="null"),
        pytest.param(b"[]", id="list"),
        pytest.param(b"\xff\xfe{}", id="not UTF-8"),
        pytest.param({}, id="empty object"),
        pytest.param(review() | {"apiVersion": "admission.k8s.io/v1beta1"}, id="wrong version"),
        pytest.param(review() | {"kind": "Pod"}, id="wrong kind"),
        pytest.param({"apiVersion": V1, "kind": "AdmissionReview"}, id="no request"),
        pytest.param(review() | {"request": None}, id="null request"),
        pytest.param(review(uid=""), id="empty uid"),
        pytest.param({**review(), "request": {"object": POD}}, id="missing uid"),
        pytest.param({**review(), "request": {"uid": "u"}}, id="missing object"),
        pytest.param({**review(), "request": {"uid": "u", "object": None}}, id="null object"),
        pytest.param({**review(), "request": {"uid": "u", "object": []}}, id="object is a list"),
        pytest.param({**review(), "request": {"uid": 7, "object": {}}}, id="uid is a number"),
        pytest.param(
            b'{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u",'
            b'"object":{"spec":' + b"[" * 200_000 + b"]" * 200_000 + b"}}}",
            id="deeply nested",
        ),
    ],
)
def test_what_is_no_review_is_refused_with_a_reason(server: Server, body: Any) -> None:
    """Anything that is not a v1 AdmissionReview with an object: 400 and a JSON reason."""
    with server.client() as client:
        reply = client.post(body)
        after = client.post(review())

    assert (reply.status, reply.headers["content-type"]) == (400, "application/json")
    assert set(reply.json) == {"error"}
    assert reply.json["error"]
    assert "Traceback" not in reply.body.decode()
    assert after.status == 200


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"object": {"metadata": [], "spec": "none"}}, id="wrong types"),
        pytest.param({"object": {}}, id="empty object"),
        pytest.param({"object": {"spec": {"containers": None}}}, id="null containers"),
        pytest.param({"kind": {"kind": "Deployment"}}, id="not a pod"),
        pytest.param({"operation": "DELETE"}, id="delete"),
        pytest.param({"subResource": "ephemeralcontainers"}, id="subresource"),
        pytest.param({"object": POD | {"future": {"x": 1}}, "novel": True}, id="unknown fields"),
        pytest.param({"namespace": "größe-日本-🙂", "uid": "ü"}, id="unicode"),
        pytest.param({"namespace": "\u0000\u202e", "name": "\\ud800"}, id="odd unicode"),
    ],
)
def test_a_review_is_always_allowed(server: Server, changes: dict[str, Any]) -> None:
    """Whatever the object is, the pod is let through with the review's own uid."""
    sent = review(**changes)

    with server.client() as client:
        reply = client.post(sent)

    assert reply.status == 200
    assert reply.json["response"]["allowed"] is True
    assert reply.json["response"]["uid"] == sent["request"]["uid"]


@pytest.mark.parametrize(
    "content_type",
    ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", ""],
    ids=["text", "form", "alike", "none"],
)
def test_wrong_content_type(server: Server, content_type: str) -> None:
    """A review must say that it is JSON."""
    with server.client() as client:
        reply = client.post(review(), Content_Type=content_type)

    assert reply.status == 400
    assert reply.json == {"error": "the content type must be application/json"}


def test_content_type_with_parameters(server: Server) -> None:
    """Parameters and letter case of the content type do not matter."""
    with server.client() as client:
        assert client.post(review(), Content_Type="Application/JSON; charset=utf-8").status == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [("/mutate", 405), ("/", 404), ("/mutate/", 404), ("/metrics/x", 404), ("//mutate", 404)],
    ids=["GET", "root", "slash", "below", "double"],
)
def test_other_routes_are_refused_as_json(server: Server, path: str, status: int) -> None:
    """404 and 405 are JSON, too."""
    with server.client() as client:
        reply = client.get(path)

    assert (reply.status, reply.headers["content-type"]) == (status, "application/json")
    assert path in reply.json["error"]


def test_query_of_the_api_server(server: Server) -> None:
    """The API server appends its timeout to the URL."""
    sent = post(json.dumps(review()).encode()).replace(b"/mutate ", b"/mutate?timeout=3s ")

    with server.client() as client:
        client.send(sent)
        assert client.reply().status == 200


def test_alive_and_ready(server: Server) -> None:
    """Liveness says ok, readiness lists its checks when asked."""
    with server.client() as client:
        assert client.get("/healthz").json == {"status": "ok"}
        assert client.get("/readyz").json == {"status": "ok"}
        assert client.get("/readyz?verbose").json == {
            "status": "ok",
            "checks": {"certificate": "ok", "serving": "ok"},
        }


def test_metrics_count_reviews_and_decisions(server: Server) -> None:
    """A review is counted by outcome and decisions, and its time and patch are measured."""
    lines = (
        'spanhook_admission_requests_total{outcome="patched"}',
        'spanhook_decisions_total{decision="inject",language="python",reason=""}',
        "spanhook_admission_duration_seconds_count",
        "spanhook_patch_size_bytes_count",
        'spanhook_admission_requests_total{outcome="rejected"}',
    )
    before = [server.metric(line) for line in lines]

    with server.client() as client:
        client.post(review())
        client.post(b"{")

    after = [server.metric(line) for line in lines]
    assert [new - old for old, new in zip(before, after, strict=True)] == [1, 1, 2, 1, 1]


def test_metrics_of_the_process(server: Server) -> None:
    """Version, certificate and process are there for alerts."""
    with server.client() as client:
        reply = client.get("/metrics")

    assert reply.headers["content-type"].startswith("text/plain; version=")
    assert 'spanhook_build_info{version="0.1.0"} 1.0' in reply.body.decode()
    assert server.metric("spanhook_certificate_expiry_timestamp_seconds") > 1.7e9
    assert server.metric("process_resident_memory_bytes") > 1e6


def test_ready_line_names_url_and_authority(server: Server) -> None:
    """What the server says when it is ready is enough to use it."""
    line = server.announced[0]

    assert f"https://127.0.0.1:{server.port}/mutate" in line
    assert str(Path("certs", "ca.crt")) in line
