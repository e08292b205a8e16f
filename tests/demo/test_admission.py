import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo import shop
from demo.admission import Webhook, webhook
from demo.processes import StartError
from demo.reviews import ReviewError
from demo.workloads import read

_ENDPOINT = "http://127.0.0.1:4318"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Webhook]:
    """The real webhook, as the demo starts it."""
    with webhook(tmp_path_factory.mktemp("webhook"), {"endpoint": _ENDPOINT}) as found:
        yield found


@pytest.fixture(scope="module")
def admission(running: Webhook) -> shop.Admission:
    """The whole shop through the webhook."""
    return shop.admit(read(), running)


def test_what_is_decided(admission: shop.Admission) -> None:
    """Five languages and a sidecar, each with its version and its evidence."""
    rows = {row.container: row for row in admission.rows}
    found = {name: (row.decision, row.language, row.version) for name, row in rows.items()}

    assert found == {
        "storefront": ("inject", "nodejs", "22.23.2"),
        "cart": ("inject", "python", "3.13.14"),
        "prices": ("inject", "java", "17.0.20"),
        "stock": ("inject", "go", "1.26.7"),
        "exchange": ("inject", "dotnet", "10.0.11"),
        "envoy": ("skip", "", ""),
    }
    assert rows["envoy"].reason == "KnownSidecar"
    assert all(row.why for row in rows.values())


def test_the_admitted_pods_send_to_the_endpoint(admission: shop.Admission) -> None:
    """The settings file reaches the pods; what the user set is still there."""
    [prices] = admission.pods["prices"]["spec"]["containers"]
    env = {entry["name"]: entry for entry in prices["env"]}

    assert env["OTEL_EXPORTER_OTLP_ENDPOINT"]["value"] == _ENDPOINT
    assert "$(SPANHOOK_ORIGINAL_JAVA_TOOL_OPTIONS)" in env["JAVA_TOOL_OPTIONS"]["value"]
    assert admission.plain["prices"]["spec"]["containers"][0]["env"] != prices["env"]


def test_the_network_has_every_service(admission: shop.Admission) -> None:
    """Every URL of the manifests leads somewhere on loopback."""
    network = shop.network_of(admission.pods, read())

    for name in ("cart:8080", "prices.shop.svc.cluster.local:8080", "storefront:8081"):
        assert network.services[name].startswith("127.0.0.1:")


def test_an_answer_that_is_none(running: Webhook) -> None:
    """A webhook that does not take the review is an error that says what it answered."""
    with pytest.raises(ReviewError, match="answered 400"):
        running.mutate(None, "shop")  # type: ignore[arg-type]


def test_a_webhook_that_does_not_start(tmp_path: Path) -> None:
    """Its last words are shown."""
    serve = (sys.executable, "-c", "import sys; sys.exit('no such option')")

    with (
        pytest.raises(StartError, match="no such option"),
        webhook(tmp_path, {"endpoint": _ENDPOINT}, serve),
    ):
        pass


def test_settings_that_are_wrong(tmp_path: Path) -> None:
    """The real webhook says which field, and the demo passes it on."""
    with pytest.raises(StartError, match="endpont"), webhook(tmp_path, {"endpont": _ENDPOINT}):
        pass
