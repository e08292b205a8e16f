from typing import Any

import pytest

from tests.webhook.examples import container
from webhook.languages import BY_NAME
from webhook.probes import notes


def _exec(*command: str, **more: Any) -> dict[str, Any]:
    return {"exec": {"command": [*command]}, **more}


HTTP = {"httpGet": {"path": "/", "port": 80}}
ROOMY = {**HTTP, "initialDelaySeconds": 120}


@pytest.mark.parametrize(
    ("language", "fields", "expected"),
    [
        (
            "python",
            {"livenessProbe": _exec("python", "-c", "x")},
            ["livenessProbe executes python"],
        ),
        (
            "python",
            {"readinessProbe": _exec("python3", "p.py")},
            ["readinessProbe executes python3"],
        ),
        (
            "python",
            {"startupProbe": _exec("sh", "-c", "python p.py")},
            ["startupProbe executes sh"],
        ),
        ("python", {"livenessProbe": _exec("pg_isready")}, []),
        ("python", {"livenessProbe": _exec("node", "p.js")}, []),
        ("nodejs", {"livenessProbe": _exec("node", "p.js")}, ["livenessProbe executes node"]),
        ("python", {"livenessProbe": {"exec": None}}, []),
        ("python", {"livenessProbe": {"exec": {"command": []}}}, []),
        ("python", {"livenessProbe": None, "lifecycle": None}, []),
        (
            "java",
            {"lifecycle": {"postStart": _exec("java", "A"), "preStop": _exec("java", "B")}},
            ["lifecycle.postStart executes java", "lifecycle.preStop executes java"],
        ),
        ("java", {"lifecycle": {"preStop": {"sleep": {"seconds": 5}}}}, []),
        ("java", {"livenessProbe": HTTP}, ["livenessProbe allows 30 s"]),
        ("java", {"livenessProbe": {**HTTP, "periodSeconds": 5}}, ["livenessProbe allows 15 s"]),
        (
            "java",
            {"livenessProbe": {**HTTP, "initialDelaySeconds": 9, "failureThreshold": 1}},
            ["livenessProbe allows 19 s"],
        ),
        ("java", {"livenessProbe": ROOMY}, []),
        ("java", {"livenessProbe": {**HTTP, "initialDelaySeconds": 10}}, []),
        ("java", {"livenessProbe": HTTP, "startupProbe": HTTP}, []),
        ("java", {"readinessProbe": HTTP}, []),
        ("python", {"livenessProbe": HTTP}, []),
        ("go", {"livenessProbe": _exec("/ko-app/probe", "x")}, []),
    ],
)
def test_notes(language: str, fields: dict[str, Any], expected: list[str]) -> None:
    """Probes and hooks that start the runtime are named, and liveness probes that are too tight."""
    found = notes(container(**fields), BY_NAME[language])

    assert len(found) == len(expected), found
    assert all(note.startswith(start) for note, start in zip(found, expected, strict=True))
