import re
from datetime import timedelta
from typing import Any

import pytest

from console.status import images, imageview, podview, wording
from console.status.model import Cause, ImageState, Mode, SettingsState
from console.status.view import show
from tests.console.status.answering import FakeClient, answers, ask, forbidden
from tests.console.status.documents import (
    NOW,
    authority,
    configuration,
    encoded,
    leader,
    leaf,
    lease,
    namespace,
    of_deployment,
    pod,
)
from tests.console.status.test_pods import injected
from webhook.optin import LABEL

OLD, NEW = authority(timedelta(days=300)), authority()


@pytest.fixture(name="shown")
def fixture_shown(capsysbinary: pytest.CaptureFixture[bytes]) -> Any:
    """Shows what is read, and returns the text."""

    def shown(client: FakeClient, *namespaces: str) -> str:
        show(ask(client, *namespaces))
        return capsysbinary.readouterr().out.decode()

    return shown


def test_well(shown: Any) -> None:
    """All parts of an installation that is well."""
    text = shown(FakeClient(answers(injected(of_deployment("cart")))))

    assert "replicas  2 of 2 ready, version 0.1.0" in text
    assert "namespaces.spanhook.dev  Ignore after 3 s  spanhook-system/spanhook-webhook" in text
    assert "endpoints  2 of 2 ready" in text
    assert "settings  none set, so the defaults" in text
    assert "issued by  the webhook's own authority, Spanhook authority" in text
    assert "expire  2026-12-20 (in 27 days), renewed 2026-12-10 (in 17 days)" in text
    assert re.search(r"a \(leader\) +0\.1\.0 +[0-9a-f]{12} +2026-12-20 +4 seconds ago", text)
    assert re.search(r"shop +1 +1 +0 +0 +0", text)
    assert text.endswith("\nAll is well.\n")
    assert "✗" not in text


def test_pending_and_skipped(shown: Any) -> None:
    """What mends a workload stands on a line of its own, however long; skips have their reason."""
    name = "a-very-long-name-for-a-deployment-that-nobody-would-like-to-type-" + "x" * 40
    sidecar = of_deployment("cart")
    sidecar["spec"]["containers"].append({"name": "istio-proxy", "image": "istio/proxyv2:1.29.0"})
    text = shown(
        FakeClient(
            answers(
                of_deployment(name),
                pod("postgres:16", "db-0", owner=("StatefulSet", "db")),
                pod(name="alone"),
                injected(sidecar),
            )
        )
    )

    lines = text.splitlines()
    assert f"   kubectl rollout restart deployment/{name} -n shop" in lines
    assert "created before the namespace was opted in" in text
    assert "1 of 1 pod pending (Python)" in text
    assert "kubectl replace --force -f" in text
    assert re.search(r"shop +StatefulSet db +app +1 +LanguageUnsupported: ", text)
    assert "KnownSidecar" not in text
    assert " ✗ 2 pods of 2 workloads would be instrumented if created anew." in lines
    assert lines[-1] == "1 problem."


def test_several_causes(shown: Any) -> None:
    """Each cause says how many pods it is about."""
    text = shown(
        FakeClient(
            answers(
                of_deployment("cart", "aaaaa"),
                of_deployment("cart", "bbbbb"),
                of_deployment("cart", "ccccc", age=timedelta(minutes=1)),
            )
        )
    )

    assert "2 pods created before the namespace was opted in" in text
    assert "1 pod created since the opt-in" in text


def test_rotation_and_silence(shown: Any) -> None:
    """A rotation under way shows, and a replica that is gone."""
    served = [lease("a", leaf(OLD)), lease("b", leaf(NEW)), lease("c", None, timedelta(days=3))]
    text = shown(
        FakeClient(
            answers(
                configuration=configuration(encoded(OLD, NEW)),
                leases={"items": served},
                leader=leader("b"),
            )
        )
    )

    assert "rotation  replicas are changing over to the new authority's certificate" in text
    assert re.search(r"b \(leader\)", text)
    assert re.search(r"c +0\.1\.0 +– +– +3 days ago, gone", text)
    assert " ! Replicas serve 2 different certificates" in text


def test_unread(shown: Any) -> None:
    """What may not be read is listed, and nothing is made up."""
    refused = {
        name: forbidden(name)
        for name in ("configuration", "deployment", "slices", "settings", "leases", "namespaces")
    }
    text = shown(FakeClient(answers(injected(pod()), **refused)), "shop")

    assert "Not readable" in text
    assert "the webhook's Deployment: deployment is forbidden" in " ".join(text.split())
    assert "replicas  –" in text
    assert "registered  –" in text
    assert text.endswith("All is well as far as it can be read.\n")


def test_own_label(shown: Any) -> None:
    """Namespaces that are not opted in themselves are marked."""
    own = pod(labels={LABEL: "enabled"})
    own["metadata"]["namespace"] = "bank"
    bank = {"/api/v1/namespaces/bank": namespace("bank")}
    text = shown(FakeClient(answers(everywhere={"items": [own]}) | bank))

    assert "bank (pods by their own label)" in text


def test_not_installed(shown: Any) -> None:
    """An empty cluster gets one sentence."""
    text = shown(FakeClient({}))

    assert "Spanhook is not installed" in text
    assert "registered  no" in text
    assert text.endswith("1 problem.\n")


def test_plain_when_piped(shown: Any) -> None:
    """Where nobody sees colours there are none, nor blanks at line ends."""
    text = shown(FakeClient(answers(of_deployment("cart"))))

    assert "\x1b" not in text
    assert not any(line.endswith(" ") for line in text.splitlines())


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        (timedelta(0), "0 seconds"),
        (timedelta(seconds=1), "1 second"),
        (timedelta(seconds=119), "119 seconds"),
        (timedelta(seconds=120), "2 minutes"),
        (timedelta(hours=3), "3 hours"),
        (timedelta(days=1), "24 hours"),
        (timedelta(days=2000), "2,000 days"),
        (timedelta(seconds=-3), "0 seconds"),
    ],
)
def test_span(time: timedelta, expected: str) -> None:
    """Spans have a unit in which they are at least two."""
    assert wording.span(time) == expected


@pytest.mark.parametrize(
    ("subject", "name"),
    [
        ("CN=Spanhook authority 3b,O=Spanhook", "Spanhook authority 3b"),
        ("O=Acme,CN=Root\\, the first", "Root, the first"),
        ("O=Acme", "O=Acme"),
    ],
)
def test_called(subject: str, name: str) -> None:
    """An authority is called by its common name, where it has one."""
    assert wording.called(subject) == name


def test_until() -> None:
    """Days lie ahead or behind."""
    assert wording.until(NOW + timedelta(days=3), NOW) == "2026-11-26 (in 3 days)"
    assert wording.until(NOW - timedelta(days=3), NOW) == "2026-11-20 (3 days ago)"
    assert wording.until(None, NOW) == "–"


def test_every_word() -> None:
    """Whatever a value can be, there are words for it."""
    assert set(Mode) == set(wording._ISSUERS)
    assert set(SettingsState) == set(wording._SETTINGS)
    assert set(Cause) == set(podview._CAUSES)
    assert set(ImageState) == set(imageview._STATES) == set(images._REMEDIES)
