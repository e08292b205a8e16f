from typing import Any

import pytest

from tests.webhook import tables
from tests.webhook.examples import container, image, pod, variables
from webhook.images import missing as module
from webhook.images.missing import missing
from webhook.model import Absence, Context, Decided, Facts, Inject, Outcome, Skip
from webhook.mutate import mutate
from webhook.reasons import Reason
from webhook.settings import Settings

CART = "docker.io/acme/cart:1"
PYTHON = "docker.io/library/python:3.12"
LONG = variables(JAVA_TOOL_OPTIONS="-Da=" + "b" * 1020)


def _mutated(*containers: Any, facts: Facts | None = None, **fields: Any) -> Outcome:
    outcome = mutate(
        pod(*containers, **fields), Context(opted_in=True), facts or Facts(), Settings()
    )
    assert outcome.failure is None
    return outcome


# The row, the container, its pod's annotations → the code of the decision, whether it is missing.
ROWS: list[tuple[str, Any, dict[str, str], str, bool]] = [
    ("Inject", container("acme/cart:1", command=["gunicorn", "a:b"]), {}, "python", True),
    ("Inject", container("acme/cart:1"), {"spanhook.dev/languages": "app=java"}, "java", True),
    ("Inject", container("acme/cart:1", command=["/ko-app/x"]), {}, "go", True),
    (
        "LanguageUnknown or VersionUnknown",
        container("acme/cart:1"),
        {},
        "LanguageUnknown",
        True,
    ),
    (
        "LanguageUnknown or VersionUnknown",
        container("acme/cart:1", command=["dotnet", "A.dll"]),
        {},
        "VersionUnknown",
        True,
    ),
    (
        "VariableTooLong",
        container("acme/cart:1", command=["java", "-jar", "a"], env=LONG),
        {},
        "VariableTooLong",
        True,
    ),
    (
        "Ambiguous, by weak evidence",
        container("python:3.12", env=variables(NODE_ENV="x")),
        {},
        "Ambiguous",
        True,
    ),
    (
        "Ambiguous, by command or request",
        container("acme/cart:1", command=["sh", "-c", "java -jar a.jar & node b.js"]),
        {},
        "Ambiguous",
        False,
    ),
    (
        "Ambiguous, by command or request",
        container("acme/cart:1"),
        {
            "instrumentation.opentelemetry.io/inject-java": "true",
            "instrumentation.opentelemetry.io/inject-nodejs": "true",
        },
        "Ambiguous",
        False,
    ),
    (
        "skipped for any other reason",
        container("acme/cart:1"),
        {"spanhook.dev/languages": "app=none"},
        "OptedOut",
        False,
    ),
    (
        "skipped for any other reason",
        container("acme/cart:1"),
        {"spanhook.dev/languages": "nonsense"},
        "InvalidAnnotation",
        False,
    ),
    ("skipped for any other reason", container("istio/proxyv2:1"), {}, "KnownSidecar", False),
    (
        "skipped for any other reason",
        container("acme/cart:1", command=["nginx"]),
        {},
        "LanguageUnsupported",
        False,
    ),
    ("skipped for any other reason", container("redis:7"), {}, "LanguageUnsupported", False),
    (
        "skipped for any other reason",
        container("acme/cart:1", command=["ddtrace-run", "python", "a.py"]),
        {},
        "OtherAgentPresent",
        False,
    ),
    (
        "imagePullPolicy: Never, whatever",
        container("acme/cart:1", imagePullPolicy="Never"),
        {},
        "LanguageUnknown",
        False,
    ),
    (
        "imagePullPolicy: Never, whatever",
        container("acme/cart:1", command=["node", "a.js"], imagePullPolicy="Never"),
        {},
        "nodejs",
        False,
    ),
]


@pytest.mark.parametrize(
    ("one", "annotations", "code", "is_missing"),
    [pytest.param(*row[1:], id=f"{n}: {row[0]}") for n, row in enumerate(ROWS)],
)
def test_rows(one: Any, annotations: dict[str, str], code: str, is_missing: bool) -> None:
    """Whether a container's image would be worth a look, by what was decided without it."""
    decisions = _mutated(one, annotations=annotations).decisions

    decision = decisions[0].decision
    assert code == (decision.reason if isinstance(decision, Skip) else decision.language)
    expected = (CART if "acme" in one["image"] else PYTHON,) if is_missing else ()
    assert missing(decisions, Facts()) == expected


def test_same_rows() -> None:
    """The table in the docstring has the rows of the test."""
    assert [row[0] for row in tables.rows(module)] == list(dict.fromkeys(row[0] for row in ROWS))


@pytest.mark.parametrize(
    "facts",
    [
        Facts(images={CART: image("/start.sh")}),
        Facts(absent={CART: Absence(Reason.IMAGE_PENDING, "late")}),
        Facts(absent={CART: Absence(Reason.IMAGE_UNREACHABLE, "gone")}),
    ],
    ids=["known", "pending", "unreachable"],
)
@pytest.mark.parametrize("command", [["node", "a.js"], ["/start.sh"], ["dotnet", "A.dll"]])
def test_asked_before(facts: Facts, command: list[str]) -> None:
    """What is known is not asked for, nor what was asked for and did not come."""
    decisions = _mutated(container("acme/cart:1", command=command), facts=facts).decisions

    assert missing(decisions, facts) == ()


def test_each_once() -> None:
    """References are canonical, in the order of the containers, each of them once."""
    names = ["acme/cart:1", "acme/web", "docker.io/acme/cart:1", "index.docker.io/acme/cart:1"]
    every = [container(name, f"c{n}") for n, name in enumerate(names)]

    assert missing(_mutated(*every).decisions, Facts()) == (CART, "docker.io/acme/web:latest")


@pytest.mark.parametrize("text", ["", "NOT AN IMAGE", None])
def test_no_reference(text: Any) -> None:
    """What is no image's name cannot be asked for."""
    decisions = _mutated(container(text, command=["node", "a.js"])).decisions

    assert isinstance(decisions[0].decision, Inject)
    assert missing(decisions, Facts()) == ()


def test_not_twice() -> None:
    """A pod that comes back injected misses nothing."""
    outcome = _mutated(container("acme/cart:1", command=["node", "a.js"]))
    again = [
        Decided(one.target, Skip(Reason.ALREADY_INSTRUMENTED, "x")) for one in outcome.decisions
    ]

    assert missing(again, Facts()) == ()


def test_init_containers() -> None:
    """Init containers are not decided about, so that nothing of theirs is missing."""
    outcome = _mutated(
        container("python:3.12", command=["nginx"]),
        initContainers=[container("acme/cart:1", "init")],
    )

    assert missing(outcome.decisions, Facts()) == ()
