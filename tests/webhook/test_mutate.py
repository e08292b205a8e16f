import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.webhook.examples import CONTEXT, container, mutated, pod
from tests.webhook.pods import pods
from webhook import annotations, decide, env, inject, mutate, optin, patch, probes
from webhook.model import Context, Decided, Facts, Inject, Namespace, Outcome, Skip
from webhook.mutate import admit
from webhook.reasons import Reason
from webhook.review import Review
from webhook.settings import Settings
from webhook.uninject import uninject

SETTINGS = Settings()

late_containers = st.builds(
    container,
    st.sampled_from(["python:3.12", "node:22", "golang:1.24", "nginx", "istio/proxyv2"]),
    st.just("late"),
    env=st.sampled_from([None, [], [{"name": "PYTHONPATH", "value": "/late"}]]),
    volumeMounts=st.sampled_from([None, [{"name": "data", "mountPath": "/data"}]]),
)


def _run(whole: Any, context: Context = CONTEXT) -> Outcome:
    return mutate.mutate(whole, context, Facts(), SETTINGS)


def _fails(*_: object, **__: object) -> None:
    raise RuntimeError("boom")


@pytest.mark.parametrize(
    ("module", "name"),
    [
        (annotations, "read"),
        (optin, "refusal"),
        (decide, "gather"),
        (decide, "choose"),
        (decide, "objection"),
        (env, "plan"),
        (inject, "init_container"),
        (probes, "notes"),
        (mutate, "inject"),
        (mutate, "_warnings"),
    ],
)
def test_fails_open(monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> None:
    """Whatever part fails, the pod is left as it was, and somebody is told."""
    monkeypatch.setattr(module, name, _fails)
    whole = pod()
    before = copy.deepcopy(whole)
    outcome = _run(whole)

    assert whole == before
    assert outcome.operations == ()
    assert [(d.target.name, d.decision) for d in outcome.decisions] == [
        ("app", Skip(Reason.INTERNAL_ERROR, "RuntimeError inside Spanhook"))
    ]
    assert isinstance(outcome.failure, RuntimeError)
    (warning,) = outcome.warnings
    assert warning == (
        "spanhook: InternalError: RuntimeError inside Spanhook; the pod was left unchanged."
        " Please report it with the output of spanhook explain on the pod's manifest."
    )


def test_endless_recursion_fails_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stack that overflows is a failure like any other."""

    def endless(*args: object, **kwargs: object) -> object:
        return endless(*args, **kwargs)

    monkeypatch.setattr(decide, "gather", endless)

    assert isinstance(_run(pod()).failure, RecursionError)


@pytest.mark.parametrize(
    ("whole", "problem"),
    [
        (pod(container(env="x")), "spec.containers[0].env: expected a list, got a string"),
        (pod(container(env=[3])), "spec.containers[0].env[0]: expected an object, got a number"),
        ({"spec": {"containers": [{"image": "python"}]}}, "spec.containers[0].name: expected"),
        ({"spec": {"containers": {"a": 1}}}, "spec.containers: expected a list"),
        ({"spec": None}, "spec.containers: expected at least one container"),
        ({"metadata": [1], "spec": {}}, "metadata: expected an object, got a list"),
        ("text", "expected an object, got a string"),
        (None, "expected an object, got nothing"),
    ],
)
def test_malformed(whole: Any, problem: str) -> None:
    """A pod of the wrong shape is left as it was, with the field named."""
    outcome = _run(whole)

    assert outcome.operations == ()
    assert outcome.failure is not None
    assert outcome.warnings[0].startswith(f"spanhook: InternalError: {problem}")


def test_without_containers() -> None:
    """A pod without containers has nothing to decide; the API server will refuse it."""
    assert _run({"metadata": {}, "spec": {}}) == Outcome()


def _review(**fields: Any) -> Review:
    return Review(**{"uid": "u", "object": pod(), "kind": "Pod", "namespace": "shop", **fields})


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"kind": "Deployment"}, "a Deployment is not a Pod"),
        ({"kind": ""}, "a nameless kind is not a Pod"),
        ({"operation": "UPDATE"}, "UPDATE cannot change"),
        ({"operation": "DELETE"}, "DELETE cannot change"),
        ({"sub_resource": "ephemeralcontainers"}, "the subresource ephemeralcontainers"),
    ],
)
def test_unfit(fields: dict[str, Any], why: str) -> None:
    """What is no new pod is let through with a warning."""
    outcome = admit(_review(**fields), Namespace("shop"), Facts(), SETTINGS, opted_in=True)

    assert (outcome.operations, outcome.decisions) == ((), ())
    assert why in outcome.warnings[0]


def test_admit() -> None:
    """A review's pod gets what the pod alone gets, and its owner's name."""
    whole = pod()
    whole["metadata"]["ownerReferences"] = [
        {"kind": "StatefulSet", "name": "db", "controller": True}
    ]
    outcome = admit(_review(object=whole), Namespace("shop"), Facts(), SETTINGS, opted_in=True)

    assert "k8s.statefulset.name=db" in str(outcome.operations)


@pytest.mark.parametrize("references", ["x", [3], {"a": 1}])
def test_admit_malformed_owner(references: Any) -> None:
    """Owner references of a wrong shape fail open too."""
    whole = pod()
    whole["metadata"]["ownerReferences"] = references
    outcome = admit(_review(object=whole), Namespace("shop"), Facts(), SETTINGS, opted_in=True)

    assert outcome.operations == ()
    assert outcome.warnings


def test_refused_pod() -> None:
    """A pod that is not to be touched has that reason for every container."""
    whole = pod(container(), container(name="two"), initContainers=[container(name="three")])
    outcome = _run(whole, Context(Namespace("shop")))

    assert [d.target.name for d in outcome.decisions] == ["app", "two", "three"]
    assert {d.decision.reason for d in outcome.decisions if isinstance(d.decision, Skip)} == {
        Reason.NOT_OPTED_IN
    }
    assert outcome.warnings == ()


@pytest.mark.parametrize(
    ("labels", "notes", "wrong"),
    [
        ({"spanhook.dev/injected": "false"}, None, 'spanhook.dev/injected: "false"'),
        ({"spanhook.dev/ebpf": "yes"}, None, 'spanhook.dev/ebpf: "yes"'),
        (None, {"spanhook.dev/status": ""}, 'spanhook.dev/status: ""'),
        (None, {"spanhook.dev/status": '{"v":1}'}, "spanhook.dev/status"),
        (None, {"spanhook.dev/config-hash": "0"}, 'spanhook.dev/config-hash: "0"'),
        ({"spanhook.dev/injected": "true"}, None, None),
        ({"spanhook.dev/ebpf": "go"}, None, None),
    ],
)
def test_foreign_marks(labels: Any, notes: Any, wrong: str | None) -> None:
    """Marks that only we write, with what we never write, keep us out."""
    whole = pod(annotations=notes)
    whole["metadata"]["labels"] = labels
    (decided,) = _run(whole).decisions

    assert isinstance(decided.decision, Inject) == (wrong is None)
    if isinstance(decided.decision, Skip):
        assert decided.decision.reason is Reason.INVALID_ANNOTATION
        assert f"only Spanhook writes {wrong}" in decided.decision.message


def _services(outcome: Outcome) -> list[str]:
    return [
        operation.value["value"]
        for operation in outcome.operations
        if isinstance(operation.value, dict) and operation.value.get("name") == "OTEL_SERVICE_NAME"
    ]


def test_service_names() -> None:
    """The first injected container has the pod's own service name, skipped ones do not count."""
    whole = pod(
        *(container(image, name, env=[]) for image, name in (("nginx", "a"), ("python:3.12", "b"))),
        container("node:22", "c", env=[]),
    )

    assert _services(_run(whole)) == ["cart", "cart-c"]


@pytest.mark.parametrize("first", ["python:3.12", "golang:1.24"])
@pytest.mark.parametrize("index", [0, 1])
def test_service_name_of_later_containers(first: str, index: int) -> None:
    """A container that came later never takes the name of one that has it, wherever it stands."""
    once, _ = mutated(pod(container(first)))
    once["spec"]["containers"].insert(index, container("node:22", "late", env=[]))

    assert _services(_run(once)) == ["cart-late"]


@given(pods, late_containers, st.integers(0, 3))
def test_reinvocation(whole: Any, late: Any, index: int) -> None:
    """A container of a later webhook is instrumented once, and everything can be taken back."""
    once, first = mutated(whole)
    for each in (once, whole):
        each["spec"]["containers"].insert(index, copy.deepcopy(late))
    twice, second = mutated(once)

    assert mutated(twice)[1].operations == ()
    if first.operations or second.operations:
        removal = uninject(twice)
        assert patch.apply(copy.deepcopy(twice), removal.operations) == whole
        assert removal.warnings == ()


def test_warnings_are_short() -> None:
    """A warning is one line of 250 characters at most."""
    text = "app=" + "x\n y" * 200
    outcome = _run(pod(annotations={"spanhook.dev/languages": text}))

    (warning,) = outcome.warnings
    assert len(warning) == 250
    assert warning.endswith("…")
    assert "\n" not in warning


def test_quiet_reasons_do_not_warn() -> None:
    """A known sidecar is nothing to be told about at every pod."""
    outcome = _run(pod(container(), container("istio/proxyv2", "istio-proxy")))

    assert outcome.warnings == ()


def test_received_pod_stays() -> None:
    """The pod that is given is never changed."""
    whole = pod(container(env=[{"name": "PYTHONPATH", "value": "/a"}]), volumes=[])
    before = copy.deepcopy(whole)
    _run(whole)

    assert whole == before


def test_decision_order() -> None:
    """Decisions come in the pod's order, containers before init containers."""
    whole = pod(container(name="b"), container(name="a"), initContainers=[container(name="c")])

    assert [decided.target.name for decided in _run(whole).decisions] == ["b", "a", "c"]
    assert all(isinstance(decided, Decided) for decided in _run(whole).decisions)
