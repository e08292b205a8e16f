"""Pods as they are stored where our webhook serves, and what of ours is in them."""

from collections.abc import Callable
from typing import Any

from tests.cluster.admission.others import Other
from tests.cluster.admission.pods import container, pod
from tests.cluster.admission.twins import Twins

Json = dict[str, Any]
Place = Callable[..., Other]
"""Puts another webhook beside ours: its name, what it changes, fields of its entry."""

BEFORE, AFTER = "aaa-other", "zzz-other"
"""Names in whose order the API server calls; ours lies between them."""

RESOURCES = {"requests": {"cpu": "100m", "memory": "300Mi"}, "limits": {"memory": "600Mi"}}


def created(pair: Twins, *containers: Json, **spec: Any) -> Json:
    """A pod as it is stored where our webhook serves."""
    answer = pair.cluster.create(pod(*containers, **spec), namespace=pair.served)
    assert answer.status == 201, answer.message
    return answer.body


def named(one: Json, section: str = "containers") -> dict[str, Json]:
    """The containers by name."""
    found = one["spec"].get(section) or ()
    names = {container["name"]: container for container in found}
    assert len(names) == len(found)
    return names


def agents(one: Json) -> list[str]:
    """The languages whose agent is copied, in the order of the init containers."""
    prefix = "spanhook-agent-"
    names = named(one, "initContainers")
    return [name.removeprefix(prefix) for name in names if name.startswith(prefix)]


def loads(one: Json, language: str) -> bool:
    """Whether a container mounts the agent of a language, once."""
    mounts = [mount["mountPath"] for mount in one["volumeMounts"]]
    return mounts.count(f"/spanhook/{language}") == 1


def add_node(one: Json) -> None:
    """Add a container that runs Node.js, once."""
    if "added" not in [found["name"] for found in one["spec"]["containers"]]:
        one["spec"]["containers"].append(container("added", "nodejs", resources=RESOURCES))
