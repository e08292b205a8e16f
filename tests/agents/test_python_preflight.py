"""The preflight's decisions, on made-up site-packages."""

import json
from pathlib import Path

import pytest

from agents.python.spanhook_agent import installed, preflight, processes, versions

Found = dict[str, tuple[str, list[str]]]


def _site(root: Path, found: Found) -> installed.Installed:
    for name, (version, requires) in found.items():
        directory = root / f"{name.replace('-', '_')}-{version}.dist-info"
        directory.mkdir()
        lines = [f"Name: {name}", f"Version: {version}", *(f"Requires-Dist: {r}" for r in requires)]
        (directory / "METADATA").write_text("\n".join(lines) + "\n\ntext\n")
    return installed.scan([str(root)])


def _table(agent: Path) -> preflight.Table:
    text = (agent / "spanhook-agent" / "requirements.json").read_text()
    table: preflight.Table = json.loads(text)
    return table


@pytest.mark.e2e
@pytest.mark.parametrize(
    ("found", "off", "exporter"),
    [
        pytest.param({}, None, "otlp_proto_http", id="nothing"),
        pytest.param({"protobuf": ("6.33.5", [])}, None, "otlp_proto_http", id="protobuf-fits"),
        pytest.param({"protobuf": ("5.29.0", [])}, None, "otlp_json_http", id="protobuf-old"),
        pytest.param({"protobuf": ("9.0", [])}, None, "otlp_json_http", id="protobuf-new"),
        pytest.param({"wrapt": ("3.0", [])}, "needs wrapt", "", id="wrapt-new"),
        pytest.param(
            {"typing-extensions": ("4.4.0", [])}, "needs typing-extensions", "", id="typing-old"
        ),
        pytest.param({"opentelemetry-api": ("1.20.0", [])}, None, "otlp_proto_http", id="api-old"),
        pytest.param(
            {"opentelemetry-api": ("1.99.0", []), "web": ("1.0", ["opentelemetry-api>=1.40"])},
            None,
            "otlp_proto_http",
            id="api-new-that-nobody-needs",
        ),
        pytest.param(
            {"opentelemetry-api": ("1.99.0", []), "web": ("1.0", ["opentelemetry-api>=1.99"])},
            "web needs opentelemetry-api>=1.99",
            "",
            id="api-new-that-is-needed",
        ),
        pytest.param(
            {
                "opentelemetry-api": ("1.99.0", []),
                "opentelemetry-sdk": ("1.99.0", ["opentelemetry-api==1.99.0"]),
                "web": ("1.0", ['opentelemetry-sdk>=1.40; extra == "all"']),
            },
            None,
            "otlp_proto_http",
            id="sdk-of-an-extra",
        ),
        pytest.param(
            {"opentelemetry-sdk": ("1.45.1", [])}, "sets OpenTelemetry up itself", "", id="sdk-own"
        ),
        pytest.param(
            {
                "opentelemetry-sdk": ("1.45.1", []),
                "vendor": ("1.0", ["opentelemetry-sdk>=1.40"]),
            },
            "sets OpenTelemetry up itself",
            "",
            id="sdk-of-a-vendor",
        ),
        pytest.param(
            {"opentelemetry-instrumentation-flask": ("0.66b1", [])},
            "sets OpenTelemetry up itself",
            "",
            id="instrumentations-own",
        ),
    ],
)
def test_plan(
    found: Found, off: str | None, exporter: str, python_agent: Path, tmp_path: Path
) -> None:
    """Each package of the application leads to the agent off, on, or on with the other exporter."""
    plan = preflight.plan(_table(python_agent), _site(tmp_path, found))

    if off is None:
        assert (None, exporter) == (plan.off, plan.exporter)
    else:
        assert off in str(plan.off)


@pytest.mark.e2e
def test_copy_without_metadata_is_of_unknown_version(python_agent: Path, tmp_path: Path) -> None:
    """A package that was copied in cannot be judged, so the agent stays off."""
    (tmp_path / "wrapt").mkdir()

    plan = preflight.plan(_table(python_agent), installed.scan([str(tmp_path)]))

    assert "unknown version" in str(plan.off)


@pytest.mark.e2e
def test_instruments_what_is_there_at_a_version_that_fits(
    python_agent: Path, tmp_path: Path
) -> None:
    """Libraries of the right version are instrumented, others and missing ones are not."""
    found = _site(tmp_path, {"flask": ("3.0.0", []), "redis": ("1.0", [])})

    chosen = preflight.plan(_table(python_agent), found).instrumentors

    assert {"flask", "urllib"} <= set(chosen)
    assert not {"redis", "django"} & set(chosen)


@pytest.mark.parametrize(
    ("found", "specifier", "fits"),
    [
        ("1.26.5", ">=1.21.1,<1.27", True),
        ("1.27", ">=1.21.1,<1.27", False),
        ("2.10", ">=2.9", True),
        ("1.45.1", "~=1.12", True),
        ("2.0", "~=1.12", False),
        ("1.13", "~=1.12.3", False),
        ("0.66b1", "==0.66b1", True),
        ("0.66b2", "==0.66b1", False),
        ("3.0", "==3.*", True),
        ("1.0.0", "==1", True),
        ("1.5", "!=1.5", False),
        ("4.25.8", "", True),
        ("unknown", ">=1", False),
    ],
)
def test_satisfies(found: str, specifier: str, *, fits: bool) -> None:
    """Versions are held against requirements as the packaging standards say."""
    assert fits == versions.satisfies(found, specifier)


@pytest.mark.parametrize(
    ("argv", "tool"),
    [
        (["python", "-m", "pip", "install", "x"], True),
        (["python", "-Im", "pip"], True),
        (["python", "/usr/bin/pip3.11", "list"], True),
        (["python", "-m", "venv", "x"], True),
        (["python", "-c", "from multiprocessing.resource_tracker import main;main(4)"], True),
        (["python", "-c", "from multiprocessing.spawn import spawn_main"], False),
        (["python", "-W", "ignore", "app.py", "pip"], False),
        (["python", "-X", "dev", "-m", "gunicorn"], False),
        (["python", "-u", "/app/manage.py", "migrate"], False),
        (["python", "-Wdefault", "app.py"], False),
        (["python"], False),
        (["python", "-"], False),
    ],
)
def test_is_tool(argv: list[str], *, tool: bool) -> None:
    """Tools are told from applications by what the interpreter runs, not by its arguments."""
    assert tool == processes.is_tool(argv)
