"""Pod Security: what passes a standard without us passes it with us."""

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.cluster.admission.pods import HARDENED, LANGUAGES, container, pod
from tests.cluster.admission.twins import Twins
from tests.webhook import golden

Json = dict[str, Any]
LEVELS = ("baseline", "restricted")

_POD_LEVEL = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
_CONTAINER_LEVEL = {key: HARDENED[key] for key in ("allowPrivilegeEscalation", "capabilities")}

PODS: dict[str, Json] = {
    "plain": pod(),
    "container": pod(container(securityContext=HARDENED)),
    "pod and container": pod(
        container(securityContext=_CONTAINER_LEVEL), securityContext=_POD_LEVEL
    ),
    "user of the pod": pod(
        container(securityContext=_CONTAINER_LEVEL),
        securityContext={**_POD_LEVEL, "runAsUser": 1000, "runAsGroup": 3000, "fsGroup": 2000},
    ),
    "user of the container": pod(container(securityContext={**HARDENED, "runAsUser": 12345})),
    "localhost profile": pod(
        container(
            securityContext={
                **HARDENED,
                "seccompProfile": {"type": "Localhost", "localhostProfile": "p.json"},
            }
        )
    ),
    "capability added": pod(
        container(
            securityContext={
                **HARDENED,
                "capabilities": {"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]},
            }
        )
    ),
    "several languages": pod(
        *(container(language, language, securityContext=HARDENED) for language in LANGUAGES)
    ),
    "hardened sidecar": pod(
        container(securityContext=HARDENED),
        initContainers=[
            container("early", "nodejs", restartPolicy="Always", securityContext=HARDENED)
        ],
    ),
    "user namespaces": pod(container(securityContext=HARDENED), hostUsers=False),
    "AppArmor": pod(
        container(securityContext={**HARDENED, "appArmorProfile": {"type": "RuntimeDefault"}})
    ),
    "read-only root": pod(container(securityContext={**HARDENED, "readOnlyRootFilesystem": True})),
    "root": pod(container(securityContext={"runAsUser": 0})),
    "privileged": pod(container(securityContext={"privileged": True})),
    "host network": pod(hostNetwork=True),
    "host port": pod(container(ports=[{"containerPort": 80, "hostPort": 80}])),
    "SELinux": pod(securityContext={"seLinuxOptions": {"type": "container_t"}}),
    "sysctl": pod(securityContext={"sysctls": [{"name": "kernel.msgmax", "value": "1"}]}),
}
ACCEPTED = {
    "baseline": set(PODS) - {"privileged", "host network", "host port", "sysctl"},
    "restricted": {
        name
        for name, one in PODS.items()
        if name
        not in {
            "plain", "root", "privileged", "host network", "host port", "SELinux", "sysctl",
        }
    },
}  # fmt: skip


@pytest.fixture(name="enforcing")
def fixture_enforcing(pairs: Callable[..., Twins]) -> Callable[[str], Twins]:
    """Twin namespaces in which a standard is enforced."""
    return lambda level: pairs(
        {
            "pod-security.kubernetes.io/enforce": level,
            "pod-security.kubernetes.io/warn": "restricted",
        }
    )


@pytest.mark.parametrize("level", LEVELS)
def test_standards(enforcing: Callable[[str], Twins], level: str) -> None:
    """A pod that passes without us passes with us, and no warning of the standard is new."""
    both = enforcing(level)
    accepted = set()
    for name, one in PODS.items():
        answers = both.create(one)
        answers.check()
        if answers.accepted:
            accepted.add(name)
            assert answers.injected, name
            theirs = [w for w in answers.served.warnings if not w.startswith("spanhook: ")]
            assert sorted(theirs) == sorted(answers.plain.warnings), name
        else:
            assert answers.served.status == answers.plain.status, name

    assert accepted == ACCEPTED[level]


def hardened(spec: Json) -> Json:
    """A pod's spec, made to pass the restricted standard where that is a matter of fields."""
    made = copy.deepcopy(spec)
    for section in ("containers", "initContainers"):
        for one in made.get(section) or ():
            context = one.get("securityContext") or {}
            user = (
                {} if context.get("runAsUser") in (None, 0) else {"runAsUser": context["runAsUser"]}
            )
            one["securityContext"] = {**HARDENED, **user}
            for port in one.get("ports") or ():
                port.pop("hostPort", None)
    for field in ("securityContext", "hostNetwork", "hostPID", "hostIPC"):
        made.pop(field, None)
    return made


def _written() -> Iterator[tuple[str, Json, Json]]:
    for name in golden.CASES:
        for result in golden.results(name):
            yield name, result.before, result.after


@pytest.mark.parametrize("level", LEVELS)
def test_written_pods(enforcing: Callable[[str], Twins], level: str) -> None:
    """The pods of the golden cases, hardened, pass with us where they pass without."""
    both = enforcing(level)
    passed = 0
    for name, before, _ in _written():
        spec = hardened(before["spec"])
        metadata = before.get("metadata") or {}
        wanted = {key: metadata.get(key) for key in ("labels", "annotations")}
        one = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", **wanted}, "spec": spec}
        answers = both.create(one)
        if answers.accepted:
            passed += answers.injected
            assert answers.served.status == 201, (name, answers.served.message)

    assert passed > 40
