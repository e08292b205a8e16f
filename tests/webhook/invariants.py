"""The promises that hold for every pod, as checks of one pod with one document of settings."""

import base64
import copy
import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import jsonpatch

from demo.environment import Sources, environment
from tests.webhook.pods import CONFIG_MAPS
from tests.webhook.standards import effective, quality_of_service, restricted_violations
from webhook import patch, status
from webhook.images.configuration import read
from webhook.languages import BY_NAME, LANGUAGES
from webhook.merge import ORIGINAL
from webhook.model import Absence, Context, Facts, Inject, Namespace, Outcome, Skip
from webhook.mutate import admit, mutate
from webhook.reasons import Reason
from webhook.review import parse, respond
from webhook.settings import Settings
from webhook.shared import ATTRIBUTES
from webhook.uninject import uninject

_IMAGES = {
    "docker.io/acme/cart:1.4.2": read(
        {
            "architecture": "amd64",
            "os": "linux",
            "config": {
                "Env": ["PATH=/usr/bin", "NODE_VERSION=22.23.2", "NODE_OPTIONS=--x=$y"],
                "Entrypoint": ["docker-entrypoint.sh"],
                "Cmd": ["node", "server.js"],
            },
        }
    )
}

_ABSENT = {
    "docker.io/library/python:3.12-slim": Absence(Reason.IMAGE_PENDING, "it is being read"),
    f"registry.example:5000/team/app@sha256:{'a' * 64}": Absence(
        Reason.IMAGE_UNREACHABLE, "the registry has no such image"
    ),
}

FACTS = Facts(images=_IMAGES, config_maps=CONFIG_MAPS, absent=_ABSENT)
CONTEXT = Context(Namespace("shop"), opted_in=True)
MERGED = {v.name for language in LANGUAGES for v in language.variables} | {ATTRIBUTES}


def _mutated(pod: dict[str, Any], settings: Settings) -> tuple[dict[str, Any], Outcome]:
    outcome = mutate(pod, CONTEXT, FACTS, settings)
    assert outcome.failure is None
    return patch.apply(copy.deepcopy(pod), outcome.operations), outcome


def check_answer(pod: dict[str, Any], settings: Settings) -> None:
    """The answer is allowed, has the uid, and its patch applies to what was received."""
    body = {
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "request": {
            "uid": "705ab4f5-6393-11e8-b7cc-42010a800002",
            "kind": {"group": "", "version": "v1", "kind": "Pod"},
            "namespace": "shop",
            "operation": "CREATE",
            "object": pod,
        },
    }
    review = parse(json.dumps(body).encode())
    outcome = admit(review, Namespace("shop"), FACTS, settings, opted_in=True)

    answer = json.loads(respond(review, outcome))

    assert answer["apiVersion"] == "admission.k8s.io/v1"
    assert answer["response"]["uid"] == body["request"]["uid"]  # type: ignore[index]
    assert answer["response"]["allowed"] is True
    operations = json.loads(base64.b64decode(answer["response"].get("patch", "W10=")))
    expected = patch.apply(copy.deepcopy(pod), outcome.operations)
    assert jsonpatch.apply_patch(pod, operations) == expected
    assert ("patchType" in answer["response"]) == bool(operations)


def check_twice_is_once(pod: dict[str, Any], settings: Settings) -> None:
    """An injected container is never planned again, whatever settings answer the second time."""
    once, outcome = _mutated(pod, settings)

    for other in (settings, Settings(endpoint="http://elsewhere:4318", signals=("traces",))):
        again = {d.target.name: d.decision for d in mutate(once, CONTEXT, FACTS, other).decisions}
        for decided in outcome.decisions:
            if isinstance(decided.decision, Inject):
                decision = again[decided.target.name]
                assert isinstance(decision, Skip)
                assert decision.reason is Reason.ALREADY_INSTRUMENTED


def check_same_answer_twice_is_empty(pod: dict[str, Any], settings: Settings) -> None:
    """For the same facts and settings the mutated pod gives an empty patch."""
    once, _ = _mutated(pod, settings)

    assert mutate(once, CONTEXT, FACTS, settings).operations == ()


def check_taken_back(pod: dict[str, Any], settings: Settings) -> None:
    """Taking an injection back gives the pod as it was: absent, null and empty alike."""
    once, outcome = _mutated(pod, settings)
    if not outcome.operations:
        return
    removal = uninject(once)

    assert pod == patch.apply(copy.deepcopy(once), removal.operations)
    assert removal.warnings == ()


def check_nothing_is_lost(pod: dict[str, Any], settings: Settings) -> None:
    """The user's variables, arguments, volumes and mounts keep their values and their order."""
    once, _ = _mutated(pod, settings)

    for section in ("containers", "initContainers"):
        mine = {c["name"]: c for c in once["spec"].get(section) or ()}
        for container in pod["spec"].get(section) or ():
            after = mine[container["name"]]
            for key in set(container) - {"env", "volumeMounts"}:
                assert container[key] == after[key]
            assert _is_subsequence(container.get("volumeMounts"), after.get("volumeMounts"))
            assert _is_subsequence(_names(container), _names(after))
    assert _is_subsequence(pod["spec"].get("volumes"), once["spec"].get("volumes"))
    assert _is_subsequence(pod["spec"].get("initContainers") and _ids(pod), _ids(once))


def _names(container: dict[str, Any]) -> list[str]:
    return [e["name"].removeprefix(ORIGINAL) for e in container.get("env") or ()]


def _ids(pod: dict[str, Any]) -> list[str]:
    return [c["name"] for c in pod["spec"].get("initContainers") or ()]


def _is_subsequence(before: list[Any] | None, after: list[Any] | None) -> bool:
    rest = iter(after or ())
    return all(item in rest for item in before or ())


def check_process_environment(pod: dict[str, Any], settings: Settings) -> None:
    """What the kubelet makes of the variables: the user's are equal, or inside the merged one."""
    once, outcome = _mutated(pod, settings)
    sources = _sources(pod)
    node = {"status": {"podIP": "10.0.0.7", "hostIP": "10.0.0.1"}}
    for decided in outcome.decisions:
        target = decided.target
        after = once["spec"][target.section]
        container = next(c for c in after if c["name"] == target.name)
        named = {"metadata": {"name": "p", "uid": "u", "namespace": "shop"}}
        before_pod, after_pod = (
            {**one, **node, "metadata": named["metadata"], "spec": {"nodeName": "n"}}
            for one in (pod, once)
        )
        old = environment(target.container, Sources(before_pod, **sources))
        new = environment(container, Sources(after_pod, **sources))
        for name, value in old.items():
            if name in MERGED:
                assert value in new[name]
            elif not any(f"$({name})" in v for v in old.values()):
                assert value == new[name] or any(m in str(target.container) for m in MERGED)


def _sources(pod: dict[str, Any]) -> dict[str, dict[str, dict[str, str]]]:
    """A ConfigMap or Secret for every reference that is not optional; what is known is as known."""
    maps: dict[str, dict[str, str]] = {}
    secrets: dict[str, dict[str, str]] = {"s": {}}
    spec = pod["spec"]
    for container in (*spec["containers"], *(spec.get("initContainers") or ())):
        for source in container.get("envFrom") or ():
            for kind, kept in (("configMapRef", maps), ("secretRef", secrets)):
                if reference := source.get(kind):
                    kept.setdefault(reference["name"], {})
        for entry in container.get("env") or ():
            for kind, kept in (("configMapKeyRef", maps), ("secretKeyRef", secrets)):
                if reference := (entry.get("valueFrom") or {}).get(kind):
                    value = f"from-{reference['key']}"
                    kept.setdefault(reference["name"], {})[reference["key"]] = value
    known = {name: data for (_, name), data in CONFIG_MAPS.items()}
    return {"config_maps": {**maps, **known}, "secrets": secrets}


def check_no_duplicates(pod: dict[str, Any], settings: Settings) -> None:
    """No name of a volume, container, variable or mount path stands more often than before."""
    once, _ = _mutated(pod, settings)

    assert _repeated(pod) >= _repeated(once)


def _repeated(pod: dict[str, Any]) -> Counter[str]:
    spec = pod["spec"]
    every = [*spec["containers"], *(spec.get("initContainers") or ())]
    names = Counter(f"container {c['name']}" for c in every)
    names += Counter(f"volume {v['name']}" for v in spec.get("volumes") or ())
    for c in every:
        names += Counter(f"{c['name']} env {e['name']}" for e in c.get("env") or ())
        mounts = c.get("volumeMounts") or ()
        names += Counter(f"{c['name']} mount {m['mountPath']}" for m in mounts)
    return Counter({name: count for name, count in names.items() if count > 1})


def check_skipped_containers_are_equal(pod: dict[str, Any], settings: Settings) -> None:
    """A container that was skipped, or that the node agent traces, is equal before and after."""
    once, outcome = _mutated(pod, settings)

    for decided in outcome.decisions:
        decision, target = decided.decision, decided.target
        after = next(c for c in once["spec"][target.section] if c["name"] == target.name)
        if isinstance(decision, Skip) or not BY_NAME[decision.language].variables:
            assert target.container == after


def check_resources_and_security(pod: dict[str, Any], settings: Settings) -> None:
    """Effective requests, limits and QoS class stay, and what is added passes restricted."""
    once, _ = _mutated(pod, settings)

    assert quality_of_service(pod) == quality_of_service(once)
    for kind in ("requests", "limits"):
        assert effective(pod, kind) == effective(once, kind)
    existing = _ids(pod)
    for container in once["spec"].get("initContainers") or ():
        if container["name"] not in existing:
            assert restricted_violations(once, container) == []
            assert container["securityContext"]["runAsUser"] > 0


def check_one_decision_each(pod: dict[str, Any], settings: Settings) -> None:
    """Every container has one decision: Inject with evidence, or Skip with a reason."""
    _, outcome = _mutated(pod, settings)
    spec = pod["spec"]
    names = [c["name"] for c in (*spec["containers"], *(spec.get("initContainers") or ()))]

    assert names == [d.target.name for d in outcome.decisions]
    for decided in outcome.decisions:
        if isinstance(decided.decision, Inject):
            assert any(e.decides for e in decided.decision.evidence)
        else:
            assert decided.decision.reason
            assert decided.decision.message
    assert all(len(warning) <= 250 for warning in outcome.warnings)


def check_status_holds_no_values(pod: dict[str, Any], settings: Settings) -> None:
    """The status annotation never repeats a value of the user's variables."""
    once, outcome = _mutated(pod, settings)
    if outcome.operations:
        text = once["metadata"]["annotations"][status.STATUS]
        assert "-Xmx256m" not in text
        assert "from-map" not in text


CHECKS: tuple[Callable[[dict[str, Any], Settings], None], ...] = (
    check_answer,
    check_twice_is_once,
    check_same_answer_twice_is_empty,
    check_taken_back,
    check_nothing_is_lost,
    check_process_environment,
    check_no_duplicates,
    check_skipped_containers_are_equal,
    check_resources_and_security,
    check_one_decision_each,
    check_status_holds_no_values,
)
