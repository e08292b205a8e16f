"""The resource InstrumentedApplication at a real API server: what it takes, and what it refuses."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.cluster import Cluster
from tests.cluster.definitions import define
from tests.cluster.transport import Response
from tests.webhook.observed.examples import DIGEST, application, changed

Json = dict[str, Any]


@pytest.fixture(scope="module", name="defined")
def _defined(api: Cluster) -> Json:
    """The resource's definition as the API server has it."""
    return next(one for one in define(api) if one["metadata"]["name"].startswith("instrumentedapp"))


@pytest.fixture(name="shop")
def _shop(api: Cluster, defined: Json) -> Iterator[str]:
    """A namespace in a cluster that has the definition."""
    assert defined
    with api.namespace() as name:
        yield name


def _created(api: Cluster, shop: str, body: Json) -> Response:
    body["metadata"]["namespace"] = shop
    return api.create(body, namespace=shop)


def test_is_accepted(defined: Json) -> None:
    """The schema is structural, and the names are free."""
    conditions = {one["type"]: one["status"] for one in defined["status"]["conditions"]}

    assert conditions == {"Established": "True", "NamesAccepted": "True"}


def test_status_is_its_own(api: Cluster, shop: str) -> None:
    """Who may write the spec alone does not write the status."""
    answer = _created(api, shop, application(version="3.13"))

    assert answer.status == 201, answer.message
    assert "status" not in answer.body


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("spec.workload", None, "spec.workload"),
        ("spec.workload.name", "x" * 257, "spec.workload.name"),
        ("spec.languages.0.digest", "sha256:1", "spec.languages[0].digest"),
        ("spec.languages.0.containerName", "x" * 257, "spec.languages[0].containerName"),
        ("spec.languages.0.language", "x" * 65, "spec.languages[0].language"),
        ("spec.languages.0.commandKey", "java -jar", "spec.languages[0].commandKey"),
        (
            "spec.languages",
            [{"containerName": "app", "digest": DIGEST}] * 2,
            "spec.languages[1]: Duplicate",
        ),
        (
            "spec.languages",
            [{"containerName": f"c{n}", "digest": DIGEST} for n in range(65)],
            "spec.languages",
        ),
    ],
)
def test_refused(api: Cluster, shop: str, path: str, value: Any, said: str) -> None:
    """What is out of bounds is refused, with the field named."""
    answer = _created(api, shop, changed(path, value))

    assert answer.status in {400, 422}, answer.body
    assert said in answer.message


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("libc", "newlib", "libc"),
        ("lastSeen", "yesterday", "lastSeen"),
        ("agents", ["x"] * 9, "agents"),
        ("command", ["x" * 257], "command[0]"),
        ("probes", [{"name": "x"}], "probes[0].state"),
    ],
)
def test_refused_status(api: Cluster, shop: str, path: str, value: Any, said: str) -> None:
    """So it is in the status."""
    body = application()
    assert _created(api, shop, application()).status == 201
    status = {"status": changed(f"observations.0.{path}", value, body["status"])}

    answer = api.patch(
        "instrumentedapplications",
        body["metadata"]["name"],
        status,
        shop,
        subresource="status",
    )

    assert answer.status in {400, 422}, answer.body
    assert said in answer.message
