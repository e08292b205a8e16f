"""From plans to operations: everything that an injection changes in a pod.

- the container: variables (see `webhook.env`), and the agent's directory, read-only;
- the pod: per language one emptyDir and, first in the list, one init container that copies the
  agent into it; a label, and two annotations.

The init container passes the restricted Pod Security Standard by construction, needs no network,
and copies requests and limits from a container that it serves: the pod's effective sum, its QoS
class, quotas and limit ranges then hold as they did.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from webhook import patch, status
from webhook.candidate import Candidate
from webhook.language import FILES, Delivery, Language
from webhook.languages import LANGUAGES
from webhook.merge import ORIGINAL, EnvPlan, Merged
from webhook.model import Decided, Json, Object, Operation
from webhook.settings import Settings
from webhook.structure import init_container_is_ours
from webhook.value import Value

NOBODY = 65532
"""The user of distroless images; ours use it too."""

TOKEN_DIRECTORY = "/var/run/secrets/kubernetes.io/serviceaccount"  # noqa: S105  # a path
"""Where the API server mounts the service account's token into every container that mounts nothing
there. The init container mounts its own volume: it has no use for a token. And each pod would
cost two reviews: the API server admits anew when one of its own plugins adds to what we patched.
"""

_RESOURCES = ("cpu", "memory", "ephemeral-storage")


class Injection(Value):
    """A container that is to be instrumented. `env` is None where the node agent does it."""

    candidate: Candidate
    service: str
    env: EnvPlan | None

    @property
    def language(self) -> Language:
        """The agent's language."""
        return self.candidate.language


@dataclass(slots=True)
class _Work:
    """Operations and records of one pod."""

    pod: Object
    build: patch.Builder = field(default_factory=patch.Builder)
    added: dict[str, status.ContainerRecord] = field(default_factory=dict)
    agents: list[str] = field(default_factory=list)
    """Languages whose volume and init container were added."""
    created: patch.Created = field(default_factory=dict)


def inject(
    pod: Object,
    injections: Sequence[Injection],
    decisions: Sequence[Decided],
    settings: Settings,
) -> tuple[Operation, ...]:
    """The operations for all injections of a pod; none when there is no injection."""
    if not injections:
        return ()
    work = _Work(pod)
    for injection in injections:
        if injection.env is not None:
            _container(work, injection, injection.env)
    served = _served(injections)
    init_containers = _agents(work, served, settings)
    _metadata(work, injections, decisions, init_containers)
    return tuple(work.build.operations)


# The container. Its own operations come before any init container is inserted ahead of it.


def _container(work: _Work, injection: Injection, env: EnvPlan) -> None:
    target, language = injection.candidate.question.target, injection.language
    record = work.added[target.name] = status.ContainerRecord(language.name)
    _env(work.build, target.container, target.path, env, record)
    mount = {"name": language.agent, "mountPath": language.directory, "readOnly": True}
    place = patch.Place(target.container, target.path, "volumeMounts")
    work.build.items(place, [mount], record.created)


def _env(
    build: patch.Builder, container: Object, path: str, env: EnvPlan, record: status.ContainerRecord
) -> None:
    """Edit from the highest index down, so that what is inserted shifts nothing still to come."""
    entries = container.get("env")
    for merged in sorted(env.merged, key=lambda m: m.index, reverse=True):
        _merge(build, f"{path}/env/{merged.index}", (entries or ())[merged.index], merged, record)
    record.env = [entry["name"] for entry in (*env.ahead, *env.behind)]
    place = patch.Place(container, path, "env")
    build.items(place, env.ahead, record.created, first=True)
    build.items(place, env.behind, record.created)


def _merge(
    build: patch.Builder, path: str, entry: Object, merged: Merged, record: status.ContainerRecord
) -> None:
    if merged.renamed:
        parent, _, index = path.rpartition("/")
        build.replace(f"{path}/name", ORIGINAL + merged.name)
        build.add(f"{parent}/{int(index) + 1}", {"name": merged.name, "value": merged.value})
        record.merged[merged.name] = ["renamed"]
        return
    was = "value" if entry.get("value") is not None else patch.before(entry, "value")
    build.add(f"{path}/value", merged.value)
    record.merged[merged.name] = [len(merged.before), len(merged.behind), was]


# The pod.


def _served(injections: Sequence[Injection]) -> list[Injection]:
    """The first container of each language with an init container, in the registry's order."""
    first: dict[str, Injection] = {}
    for injection in injections:
        if injection.language.delivery is Delivery.INIT_CONTAINER:
            first.setdefault(injection.language.name, injection)
    return [first[language.name] for language in LANGUAGES if language.name in first]


def _agents(work: _Work, served: Sequence[Injection], settings: Settings) -> list[Json]:
    """Add the volume and the init container of each language that the pod does not have yet."""
    spec = work.pod["spec"]
    new = [one for one in served if not init_container_is_ours(one.language, work.pod)]
    work.agents = [one.language.name for one in new]
    volumes = [
        {"name": one.language.agent, "emptyDir": {"sizeLimit": f"{2 * one.language.agent_size}Mi"}}
        for one in new
    ]
    containers = [init_container(one, settings) for one in new]
    created: patch.Created = {}
    work.build.items(patch.Place(spec, "/spec", "volumes"), volumes, created)
    work.build.items(patch.Place(spec, "/spec", "initContainers"), containers, created, first=True)
    work.created.update((f"spec.{key}", was) for key, was in created.items())
    return containers


def init_container(injection: Injection, settings: Settings) -> dict[str, Json]:
    """The container that copies an agent's files into the pod's volume."""
    language = injection.language
    served = injection.candidate.question.target.container
    container: dict[str, Json] = {
        "name": language.agent,
        "image": settings.language(language.name).image or language.image,
        "command": ["cp", "-r", f"{FILES}/.", language.directory],
        "volumeMounts": [
            {"name": language.agent, "mountPath": language.directory},
            {"name": language.agent, "mountPath": TOKEN_DIRECTORY, "readOnly": True},
        ],
        "securityContext": _security(injection, settings),
    }
    if resources := _resources(served):
        container["resources"] = resources
    if policy := settings.init_container.image_pull_policy:
        container["imagePullPolicy"] = policy
    return container


def _security(injection: Injection, settings: Settings) -> dict[str, Json]:
    context: dict[str, Json] = {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "readOnlyRootFilesystem": True,
        "runAsNonRoot": True,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    if settings.init_container.set_user:
        question = injection.candidate.question
        context["runAsUser"] = _user(question.pod, question.target.container)
    return context


def _user(pod: Object, container: Object) -> int:
    """The served container's user, who may be the only one that may write to the pod's volumes."""
    for holder in (container, pod["spec"]):
        user = (holder.get("securityContext") or {}).get("runAsUser")
        if user is not None:
            return int(user) or NOBODY
    return NOBODY


def _resources(container: Object) -> dict[str, Json]:
    """Requests and limits verbatim; devices and claims are not for a copy."""
    found = container.get("resources") or {}
    copied = {
        kind: {name: found[kind][name] for name in _RESOURCES if name in found[kind]}
        for kind in ("limits", "requests")
        if found.get(kind)
    }
    return {kind: values for kind, values in copied.items() if values}


# Labels and annotations.


def _metadata(
    work: _Work,
    injections: Sequence[Injection],
    decisions: Sequence[Decided],
    init_containers: list[Json],
) -> None:
    metadata = work.pod.get("metadata")
    own: Object = metadata or {}
    labels = _labels(injections)
    present = own.get("labels") or {}
    if metadata is None:
        work.created["metadata"] = patch.before(work.pod, "metadata")
    for key in ("labels", "annotations"):
        if not isinstance(own.get(key), dict):
            work.created[f"metadata.{key}"] = patch.before(own, key)
    annotations = {
        status.STATUS: status.render(
            status.read(work.pod),
            decisions,
            {
                "created": work.created,
                "labels": [key for key in labels if key not in present],
                "agents": work.agents,
            },
            work.added,
            {i.candidate.question.target.name: i.service for i in injections if i.env is None},
        ),
        status.CONFIG_HASH: _hash(own, injections, init_containers),
    }
    if metadata is None:
        work.build.add("/metadata", {"labels": labels, "annotations": annotations})
        return
    work.build.members(patch.Place(own, "/metadata", "labels"), labels)
    work.build.members(patch.Place(own, "/metadata", "annotations"), annotations)


def _labels(injections: Sequence[Injection]) -> dict[str, str]:
    deliveries = {injection.language.delivery for injection in injections}
    labels = {}
    if Delivery.INIT_CONTAINER in deliveries:
        labels[status.INJECTED] = "true"
    if Delivery.NODE_AGENT in deliveries:
        labels[status.EBPF] = "go"
    return labels


def _hash(metadata: Object, injections: Sequence[Injection], init_containers: list[Json]) -> str:
    """Changes when what the pod gets changes, and only then; a later round adds to the first."""
    plan: list[Any] = [init_containers]
    for injection in injections:
        env = injection.env
        plan.append(
            [
                injection.candidate.question.target.name,
                injection.language.name,
                [] if env is None else [*env.ahead, *env.behind],
                [] if env is None else [[m.name, m.before, m.behind] for m in env.merged],
            ]
        )
    earlier = (metadata.get("annotations") or {}).get(status.CONFIG_HASH, "")
    return hashlib.sha256(earlier.encode() + msgspec.json.encode(plan)).hexdigest()[:16]
