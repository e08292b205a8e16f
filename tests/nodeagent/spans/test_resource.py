from nodeagent.spans.resource import of_process


def test_a_process_is_named_by_its_executable() -> None:
    """Without a name of its own a service is the executable that it runs."""
    attributes = of_process(42, "shop", "1.26.6", {}).attributes

    assert attributes["service.name"] == "unknown_service:shop"
    assert attributes["process.pid"] == 42
    assert attributes["process.executable.name"] == "shop"
    assert attributes["process.runtime.name"] == "go"
    assert attributes["process.runtime.version"] == "1.26.6"
    assert attributes["telemetry.sdk.language"] == "go"


def test_what_the_process_was_told_wins() -> None:
    """Its own variables count more than what was found out, the name's own variable most."""
    environ = {
        "OTEL_RESOURCE_ATTRIBUTES": "service.name=a,team=a%20b , process.pid=1,broken,=x",
        "OTEL_SERVICE_NAME": "stock",
    }

    attributes = of_process(42, "shop", "1.26.6", environ).attributes

    assert attributes["service.name"] == "stock"
    assert attributes["team"] == "a b"
    assert attributes["process.pid"] == "1"
    assert "broken" not in attributes
    assert (
        of_process(1, "shop", "", {"OTEL_RESOURCE_ATTRIBUTES": "service.name=a"}).attributes[
            "service.name"
        ]
        == "a"
    )


def test_a_name_that_somebody_else_gave() -> None:
    """It counts where the process has none of its own, before the executable's."""
    given = {"service.name": "stock", "k8s.pod.name": "stock-0", "team": "a"}
    told = {"OTEL_SERVICE_NAME": "own", "OTEL_RESOURCE_ATTRIBUTES": "team=b"}
    named = of_process(42, "shop", "", {}, given).attributes
    itself = of_process(42, "shop", "", told, given).attributes

    assert named["service.name"] == "stock"
    assert named["team"] == "a"
    assert itself["team"] == "b"
    assert itself["k8s.pod.name"] == "stock-0"
    assert itself["service.name"] == "own"


def test_a_version_that_is_not_known_is_left_out() -> None:
    """A development tool chain has no number."""
    assert "process.runtime.version" not in of_process(42, "shop", "", {}).attributes
