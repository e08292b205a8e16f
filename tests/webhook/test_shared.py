from typing import Any

import pytest

from tests.webhook import tables
from tests.webhook.examples import container, variables
from webhook import environment, shared
from webhook.identity import Identity
from webhook.languages import BY_NAME
from webhook.merge import EnvPlan, RefusalError
from webhook.model import Facts
from webhook.settings import Settings
from webhook.shared import Wanted

IDENTITY = Identity("shop", {"k8s.pod.name": "$(SPANHOOK_POD_NAME)", "team": "a"})
GROUP = {
    "endpoint": {"OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_PROTOCOL"},
    "sampler": {"OTEL_TRACES_SAMPLER", "OTEL_TRACES_SAMPLER_ARG"},
    "service name": {"OTEL_SERVICE_NAME"},
}
EVERY = {
    "OTEL_SERVICE_NAME",
    "OTEL_RESOURCE_ATTRIBUTES",
    "OTEL_TRACES_EXPORTER",
    "OTEL_METRICS_EXPORTER",
    "OTEL_LOGS_EXPORTER",
    "OTEL_PROPAGATORS",
    *GROUP["sampler"],
    *GROUP["endpoint"],
}


def _plan(
    env: list[dict[str, Any]],
    language: str = "java",
    ratio: str | None = "0.5",
    identity: Identity = IDENTITY,
    **fields: Any,
) -> EnvPlan:
    facts = Facts(config_maps={("shop", "m"): {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://x:4318"}})
    found = environment.of(container(env=env, **fields), None, facts, "shop")
    plan, wanted = EnvPlan(), Wanted(identity, ("traces",), ratio)
    shared.add(plan, found, BY_NAME[language], wanted, Settings())
    return plan


def _added(plan: EnvPlan) -> dict[str, str]:
    return {entry["name"]: entry["value"] for entry in plan.behind}


PLANS: list[tuple[str, str, str, str | None, set[str]]] = [
    # row, language, the user's variable, its value, what is not added
    ("endpoint", "java", "OTEL_EXPORTER_OTLP_ENDPOINT", "http://x:4317", GROUP["endpoint"]),
    ("endpoint", "java", "OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", GROUP["endpoint"]),
    ("endpoint", "java", "OTEL_EXPORTER_OTLP_HEADERS", None, GROUP["endpoint"]),
    ("endpoint", "java", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://x", GROUP["endpoint"]),
    ("endpoint", "java", "OTEL_EXPORTER_OTLP_LOGS_HEADERS", "a=b", GROUP["endpoint"]),
    ("endpoint", "java", "OTEL_EXPORTER_OTLP_TIMEOUT", "5000", set()),
    (
        "endpoint",
        "python",
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        "http://x",
        {"OTEL_EXPORTER_OTLP_ENDPOINT"},
    ),
    (
        "endpoint",
        "python",
        "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
        None,
        {"OTEL_EXPORTER_OTLP_ENDPOINT"},
    ),
    ("endpoint", "python", "OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", GROUP["endpoint"]),
    ("endpoint", "python", "OTEL_EXPORTER_OTLP_HEADERS", "a=b", GROUP["endpoint"]),
    ("sampler", "java", "OTEL_TRACES_SAMPLER", "always_off", GROUP["sampler"]),
    ("sampler", "java", "OTEL_TRACES_SAMPLER_ARG", "0.1", GROUP["sampler"]),
    ("service name", "java", "OTEL_SERVICE_NAME", "mine", GROUP["service name"]),
    ("service name", "java", "OTEL_SERVICE_NAME", None, GROUP["service name"]),
    (
        "service name",
        "java",
        "OTEL_RESOURCE_ATTRIBUTES",
        "a=b,service.name=mine",
        GROUP["service name"] | {"OTEL_RESOURCE_ATTRIBUTES"},
    ),
    ("any other", "java", "OTEL_METRICS_EXPORTER", "none", {"OTEL_METRICS_EXPORTER"}),
    ("any other", "java", "OTEL_PROPAGATORS", "b3", {"OTEL_PROPAGATORS"}),
    ("any other", "java", "OTEL_PROPAGATORS", "", {"OTEL_PROPAGATORS"}),
    ("any other", "java", "OTEL_LOG_LEVEL", "debug", set()),
]


@pytest.mark.parametrize(("row", "language", "name", "value", "missing"), PLANS)
def test_groups(row: str, language: str, name: str, value: str | None, missing: set[str]) -> None:
    """Where the user set one variable of a group, none of ours is added beside it."""
    assert set(_added(_plan(variables(**{name: value}), language))) == EVERY - missing, row


def test_same_rows() -> None:
    """Every group of the table in the docstring is tested."""
    groups = [row[0] for row in tables.rows(shared)]

    rows = list(dict.fromkeys(row[0] for row in PLANS))
    assert len(groups) == len(rows)
    assert all(group.startswith(row) for group, row in zip(groups, rows, strict=True))


def test_protocol_for_python() -> None:
    """Python is told the protocol of the user's endpoint, and the user is told so."""
    plan = _plan(variables(OTEL_EXPORTER_OTLP_ENDPOINT="http://x:4317"), "python")

    assert _added(plan)["OTEL_EXPORTER_OTLP_PROTOCOL"] == "http/protobuf"
    assert "the agent has no gRPC exporter" in plan.notes[0]


def test_headers_alone() -> None:
    """Headers of the user's without an endpoint are theirs to complete; they are told."""
    plan = _plan(variables(OTEL_EXPORTER_OTLP_HEADERS=None))

    assert plan.notes == [
        "OTEL_EXPORTER_OTLP_HEADERS is the user's, so no endpoint was added beside it"
    ]


def test_config_map_counts_as_the_user() -> None:
    """An endpoint in a known ConfigMap is the user's too."""
    plan = _plan([], envFrom=[{"configMapRef": {"name": "m"}}])

    assert not GROUP["endpoint"] & set(_added(plan))


@pytest.mark.parametrize(
    ("ratio", "expected"),
    [
        (None, ("parentbased_always_on", None)),
        ("0.5", ("parentbased_traceidratio", "0.5")),
        ("0", ("parentbased_traceidratio", "0")),
    ],
)
def test_sampler(ratio: str | None, expected: tuple[str, str | None]) -> None:
    """Children follow their parents; a ratio is for new traces."""
    added = _added(_plan([], ratio=ratio))

    assert (added["OTEL_TRACES_SAMPLER"], added.get("OTEL_TRACES_SAMPLER_ARG")) == expected


def test_signals() -> None:
    """Signals that are not wanted are switched off rather than left to the agent's default."""
    added = _added(_plan([]))

    assert [added[f"OTEL_{name}_EXPORTER"] for name in ("TRACES", "METRICS", "LOGS")] == [
        "otlp",
        "none",
        "none",
    ]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a=b", "k8s.pod.name=$(SPANHOOK_POD_NAME),team=a,a=b"),
        ("team=b", "k8s.pod.name=$(SPANHOOK_POD_NAME),team=b"),
        (" team = b", "k8s.pod.name=$(SPANHOOK_POD_NAME), team = b"),
        ("", "k8s.pod.name=$(SPANHOOK_POD_NAME),team=a"),
        ("k8s.pod.name=x,team=y", None),
    ],
)
def test_attributes(value: str, expected: str | None) -> None:
    """Ours stand before the user's, without the keys that the user sets."""
    plan = _plan(variables(OTEL_RESOURCE_ATTRIBUTES=value))

    assert [merged.value for merged in plan.merged] == [expected] * (expected is not None)


@pytest.mark.parametrize("value", [None, "$(THEIRS)", "a=b,$(THEIRS)"])
def test_name_that_cannot_be_seen(value: str | None) -> None:
    """Where the user's attributes may hold a name, ours is an attribute that gives way to it."""
    identity = Identity("shop, $(BEST)", {})
    plan = _plan(variables(OTEL_RESOURCE_ATTRIBUTES=value), identity=identity)

    assert "OTEL_SERVICE_NAME" not in _added(plan)
    assert plan.merged[0].before.startswith("service.name=shop%2C%20%24%28BEST%29")


def test_name_is_literal() -> None:
    """A "$" in the service's name is none of the kubelet's business."""
    assert _added(_plan([], identity=Identity("$(A)", {})))["OTEL_SERVICE_NAME"] == "$$(A)"


def test_optional_attributes() -> None:
    """Attributes that may be missing cannot be merged."""
    source = {"configMapKeyRef": {"name": "m", "key": "k", "optional": True}}

    with pytest.raises(RefusalError, match="OTEL_RESOURCE_ATTRIBUTES comes from an optional"):
        _plan([{"name": "OTEL_RESOURCE_ATTRIBUTES", "valueFrom": source}])
