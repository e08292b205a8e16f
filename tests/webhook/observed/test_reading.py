"""What is believed of an InstrumentedApplication, and what is not."""

from typing import Any

import pytest

from tests.webhook.observed.examples import CONTAINER, KEY, application, changed
from webhook.observed import Observed, read, started


def test_read() -> None:
    """Entries of both lists come together by container and digest."""
    document = application(version="3.13.1", libc="musl", agents=["Datadog"])

    assert read(document) == {
        KEY: Observed("python", "3.13.1", "musl", "main", ("Datadog",), started(CONTAINER))
    }


@pytest.mark.parametrize("status", [{}, {"observations": []}])
def test_without_a_status(status: dict[str, Any]) -> None:
    """It comes a moment later: until then the language is known, and no more."""
    found = read(changed("status", status))

    assert found == {KEY: Observed("python", process="main", command_key=started(CONTAINER))}


def test_foreign_and_static() -> None:
    """Something else than our languages, without a C library of its own."""
    assert read(application(None, libc="static")) == {
        KEY: Observed(None, process="main", command_key=started(CONTAINER))
    }


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("metadata.name", "cart", "metadata.name"),
        ("spec.workload.kind", "StatefulSet", "metadata.name"),
        ("spec.workload", None, "spec.workload"),
        ("spec.languages", "x", "spec.languages"),
        ("spec.languages.0.language", "cobol", "spec.languages[0].language"),
        ("spec.languages.0.language", "~native", "spec.languages[0].language"),
        ("spec.languages.0.digest", "sha256:1", "digest"),
        ("spec.languages.0.commandKey", "java -jar", "commandKey"),
        ("status.observations.0.libc", "newlib", "libc"),
        ("status.observations.0.lastSeen", "yesterday", "lastSeen"),
        ("status.observations.0.agents", ["x" * 257], "agents"),
        ("kind", "ImageProfile", "kind"),
        ("apiVersion", "spanhook.dev/v9", "apiVersion"),
    ],
)
def test_what_does_not_hold(path: str, value: Any, said: str) -> None:
    """Is an error that names the field, never a fact."""
    with pytest.raises(ValueError, match=r"(?s).") as raised:
        read(changed(path, value))

    assert said in str(raised.value)
