from typing import Any

import pytest

from tests.webhook import tables
from tests.webhook.examples import container, pod, question
from webhook import annotations
from webhook.annotations import EVERY, NOTHING, OPERATOR, read
from webhook.candidate import Candidate
from webhook.decide import decide

OURS = "spanhook.dev/languages"
JAVA, PYTHON = f"{OPERATOR}inject-java", f"{OPERATOR}inject-python"
NODE = container("node:22")

ROWS: list[tuple[str, str, dict[str, str], str]] = [
    ("does not parse", "anything", {OURS: "app"}, "InvalidAnnotation"),
    ("does not parse", "anything", {OURS: "app=x", JAVA: "true"}, "InvalidAnnotation"),
    ('"app=<language>"', "anything", {OURS: "app=java"}, "java"),
    ('"app=<language>"', "anything", {OURS: "app=python", JAVA: "true", PYTHON: "false"}, "python"),
    (
        '"app=<language>"',
        "anything",
        {OURS: "app=python", JAVA: "true", f"{OPERATOR}container-names": "other"},
        "python",
    ),
    ('"app=none"', "anything", {OURS: "app=none", JAVA: "true"}, "OptedOut"),
    (
        "does not name it",
        "two inject-<language> choose it",
        {OURS: "x=go", JAVA: "true", PYTHON: "true"},
        "Ambiguous",
    ),
    ("does not name it", "one inject-<language> chooses it", {JAVA: "true"}, "java"),
    ("does not name it", "one inject-<language> chooses it", {JAVA: "my/resource"}, "java"),
    (
        "does not name it",
        "a container list leaves it out",
        {JAVA: "true", f"{OPERATOR}container-names": "other"},
        "OptedOut",
    ),
    (
        "does not name it",
        'inject-<its language>: "false"',
        {f"{OPERATOR}inject-nodejs": "False"},
        "OptedOut",
    ),
    ("does not name it", "nothing", {}, "nodejs"),
    ("does not name it", "nothing", {JAVA: "false"}, "nodejs"),
    ("does not name it", "nothing", {f"{OPERATOR}container-names": "other"}, "nodejs"),
]


def _outcome(values: dict[str, str], namespace: dict[str, str] | None = None) -> str:
    answer = decide(question(NODE, pod(NODE, annotations=values), namespace=namespace))
    return answer.language.name if isinstance(answer, Candidate) else answer.reason.value


@pytest.mark.parametrize(
    ("values", "expected"),
    [pytest.param(*row[2:], id=f"{n}: {row[0]}, {row[1]}") for n, row in enumerate(ROWS)],
)
def test_rows(values: dict[str, str], expected: str) -> None:
    """Who wins for a container that several annotations speak of, by the table."""
    assert _outcome(values) == expected


def test_same_rows() -> None:
    """The table in the docstring has the rows of the test."""
    assert [row[:2] for row in tables.rows(annotations)] == list(
        dict.fromkeys(row[:2] for row in ROWS)
    )


@pytest.mark.parametrize(
    ("own", "namespace", "expected"),
    [
        ({PYTHON: "true"}, {PYTHON: "false"}, "python"),
        ({PYTHON: "false"}, {PYTHON: "true"}, "nodejs"),
        ({}, {PYTHON: "true"}, "python"),
        ({}, {OURS: "app=java"}, "nodejs"),
        ({}, {"spanhook.dev/signals": "smoke"}, "InvalidAnnotation"),
        ({"spanhook.dev/signals": "traces"}, {"spanhook.dev/signals": "smoke"}, "nodejs"),
    ],
)
def test_pod_before_namespace(
    own: dict[str, str], namespace: dict[str, str], expected: str
) -> None:
    """The pod's value wins; what names containers stands on pods only."""
    assert _outcome(own, namespace) == expected


def _wishes(**values: str) -> annotations.Wishes:
    named = {f"spanhook.dev/{key.replace('_', '-')}": value for key, value in values.items()}
    return read(pod(NODE, annotations=named), {})


@pytest.mark.parametrize(
    ("text", "expected", "fault"),
    [
        ("traces", ("traces",), None),
        (" traces , logs,", ("traces", "logs"), None),
        ("", None, "expected some of traces, metrics, logs"),
        (",", None, "expected some of"),
        ("trace", None, 'did you mean "traces"?'),
        ("TRACES", None, 'did you mean "traces"?'),
    ],
)
def test_signals(text: str, expected: Any, fault: str | None) -> None:
    """Signals are a list of known names; anything else is quoted back."""
    wishes = _wishes(signals=text)

    assert wishes.signals == expected
    assert (fault or "") in wishes.faults.get(EVERY, "")
    assert bool(fault) == bool(wishes.faults)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", "0"),
        ("1.0", "1"),
        ("0.10", "0.1"),
        (" 0.5 ", "0.5"),
        ("1e-3", "0.001"),
        ("1.01", None),
        ("-0.1", None),
        ("nan", None),
        ("inf", None),
        ("", None),
        ("half", None),
        ("50%", None),
        ("0,1", None),
    ],
)
def test_sampling_ratio(text: str, expected: str | None) -> None:
    """A ratio is a number from 0 to 1."""
    wishes = _wishes(sampling_ratio=text)

    assert wishes.sampling_ratio == expected
    assert bool(wishes.faults) == (expected is None)


@pytest.mark.parametrize(
    ("text", "choices", "faulty"),
    [
        ("app=java", {"app": "java"}, set()),
        ("app=java,", {"app": "java"}, set()),
        (" app = java , web=go", {"app": "java", "web": "go"}, set()),
        ("", {}, set()),
        ("app=java,app=java", {"app": "java"}, set()),
        ("app=Java", {}, {"app"}),
        ("app=", {}, {"app"}),
        ("=java", {}, {EVERY}),
        ("java", {}, {EVERY}),
        ("app:java", {}, {EVERY}),
        ("app=java=go", {}, {"app"}),
        ("app=java;web=go", {}, {"app"}),
    ],
)
def test_languages(text: str, choices: dict[str, str], faulty: set[str]) -> None:
    """Pairs of container and language; what does not parse is a fault of its container, or all."""
    wishes = _wishes(languages=text)

    assert {name: found[0].language for name, found in wishes.choices.items()} == choices
    assert set(wishes.faults) == faulty


def test_twice() -> None:
    """A container that is named twice with different languages is at fault."""
    assert "names app twice" in _wishes(languages="app=java,app=go").faults["app"]


@pytest.mark.parametrize("text", ["gone=java", "gone=pyhton"])
def test_unknown_container(text: str) -> None:
    """A container that the pod does not have is warned of, with a good value or a bad one."""
    (warning,) = _wishes(languages=text).warnings

    assert '"gone", which the pod does not have' in warning


def test_init_container_is_known() -> None:
    """An init container may be named."""
    named = pod(
        NODE, annotations={OURS: "migrate=python"}, initContainers=[container(name="migrate")]
    )

    assert read(named, {}).warnings == ()


def test_resource_attributes() -> None:
    """Attributes of pod before namespace, and of our prefix before the operator's."""
    own = {
        "spanhook.dev/resource.a": "pod",
        "resource.opentelemetry.io/a": "operator",
        "resource.opentelemetry.io/b": "pod-operator",
        "spanhook.dev/resource.": "nothing",
    }
    namespace = {"spanhook.dev/resource.b": "namespace", "spanhook.dev/resource.c": "namespace"}

    assert read(pod(NODE, annotations=own), namespace).resource == {
        "a": "pod",
        "b": "pod-operator",
        "c": "namespace",
    }


def test_nothing_ours() -> None:
    """Annotations of others are not even looked through."""
    assert read(pod(NODE, annotations={"prometheus.io/scrape": "true"}), {}) is NOTHING


def test_sidecars_alone() -> None:
    """The operator's annotation chooses no container of a pod that has sidecars alone."""
    proxy = container("istio/proxyv2", "istio-proxy")

    assert read(pod(proxy, annotations={JAVA: "true"}), {}).choices == {}


@pytest.mark.parametrize("what", ["sdk", "nginx", "apache-httpd"])
@pytest.mark.parametrize(("value", "warned"), [("true", True), ("my/cr", True), ("false", False)])
def test_what_the_operator_serves_and_we_do_not(what: str, value: str, warned: bool) -> None:
    """Asking for what only the operator has gives a warning, and nothing else."""
    key = f"instrumentation.opentelemetry.io/inject-{what}"
    pod = {"metadata": {"annotations": {key: value}}, "spec": {"containers": [{"name": "app"}]}}

    wishes = read(pod, {})

    assert bool(wishes.warnings) == warned
    assert all(key in warning for warning in wishes.warnings)
    assert not wishes.choices
