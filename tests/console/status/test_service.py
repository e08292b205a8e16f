from typing import Any

import pytest

from console.status.model import Deployment, Endpoints, SettingsState, SettingsStatus, Unread
from console.status.service import deployment, endpoints, is_provided, settings
from tests.console.status import documents
from tests.console.status.documents import slices, stamp
from webhook.settings import Settings

REFUSED = Unread("webhook", "x", "forbidden")


def _settings(text: str, key: str = "settings.yaml") -> Any:
    return {"data": {key: text}}


def test_deployment() -> None:
    """Replicas and the versions of the images."""
    assert deployment(documents.deployment(3, 1)) == Deployment(3, 1, 3, ("0.1.0",))
    assert deployment({"spec": {}}) == Deployment(1, 0, 0, ())
    assert deployment(None) is None
    assert deployment(REFUSED) is None


@pytest.mark.parametrize(
    ("image", "versions"),
    [
        ("registry.example:5000/webhook:0.2.0", ("0.2.0",)),
        ("webhook@sha256:" + "a" * 64, ()),
        ("NOT AN IMAGE", ()),
    ],
)
def test_versions(image: str, versions: tuple[str, ...]) -> None:
    """A version is a tag; a digest tells none."""
    live = documents.deployment()
    live["spec"]["template"]["spec"]["containers"][0]["image"] = image
    found = deployment(live)

    assert found is not None
    assert found.versions == versions


def test_is_provided() -> None:
    """The replicas' own arguments say that somebody else issues."""
    assert is_provided(documents.deployment(2, 2, "0.1.0", "--certificates=provided"))
    assert not is_provided(documents.deployment())
    assert not is_provided(None)


def test_endpoints() -> None:
    """An endpoint that does not say whether it is ready is, as the API has it."""
    assert endpoints(slices(True, False, None)) == Endpoints(2, 3)
    assert endpoints({"items": [{"endpoints": None}]}) == Endpoints(0, 0)
    assert endpoints(REFUSED) is None


@pytest.mark.parametrize("read", [None, {}, {"data": None}, {"data": {}}])
def test_default_settings(read: Any) -> None:
    """No document is a good one."""
    assert settings(read, None) == (SettingsStatus(SettingsState.DEFAULT), Settings())


def test_valid_settings() -> None:
    """A document that is right is what decides."""
    found, usable = settings(_settings("samplingRatio: 0.5"), None)

    assert found == SettingsStatus(SettingsState.VALID)
    assert usable.sampling_ratio == 0.5


def test_invalid_settings() -> None:
    """Every field that is wrong is named, the others are used, and the last Event is quoted."""
    events = {
        "items": [
            {"type": "Warning", "reason": "Old", "message": "x", "lastTimestamp": stamp()},
            {
                "type": "Warning",
                "reason": "InvalidSettings",
                "message": "Now the settings of before stay.",
                "eventTime": "2026-11-23T12:00:01.000000Z",
            },
            {"type": "Normal", "reason": "Newest", "eventTime": "2026-11-24T12:00:01.000000Z"},
        ]
    }
    text = "samplingRatio: 2\nendpoint: [x]\nignoredNamespaces: [a]\n"
    found, usable = settings(_settings(text), events)

    assert found is not None
    assert found.state is SettingsState.INVALID
    assert [problem.split(":")[1].strip() for problem in found.problems] == [
        "samplingRatio",
        "endpoint",
    ]
    assert found.event == "InvalidSettings: Now the settings of before stay."
    assert usable.ignored_namespaces == ("a",)


def test_another_key() -> None:
    """A document under another key is not silently nothing."""
    found, usable = settings(_settings("a: b", "settings.yml"), {"items": []})

    assert found == SettingsStatus(SettingsState.INVALID, ("there is no key settings.yaml",))
    assert usable == Settings()


def test_unread_settings() -> None:
    """What may not be read is not known."""
    assert settings(REFUSED, None) == (None, Settings())


def test_event_without_times() -> None:
    """Of an Event that has no time nothing but its words is taken."""
    events = {"items": [{"type": "Warning", "reason": "R", "message": "m"}]}
    found, _ = settings(_settings("x: 1"), events)

    assert found is not None
    assert found.event == "R: m"
