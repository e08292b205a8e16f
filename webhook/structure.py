"""Recognising in a pod what an injection has left there.

Structure tells, not annotations: an annotation can be copied, edited or lost, and whatever replica
or settings answer, a container that already loads one of our agents is never planned again.
"""

from collections.abc import Iterator

from webhook.language import Language
from webhook.languages import LANGUAGES
from webhook.model import Json, Object, Target

_BY_AGENT = {language.agent: language for language in LANGUAGES}

AGENTS = frozenset(_BY_AGENT)


def targets(pod: Object) -> Iterator[Target]:
    """The pod's containers, then its init containers, without those that we injected.

    Raises KeyError or TypeError for a container without a name.
    """
    spec = pod["spec"]
    for index, container in enumerate(spec.get("containers") or ()):
        yield Target("containers", index, container, _name(container))
    for index, container in enumerate(spec.get("initContainers") or ()):
        if not (container.get("name") in AGENTS and _mounts_agent(container)):
            yield Target("initContainers", index, container, _name(container))


def _name(container: Object) -> str:
    name = container["name"]
    if not isinstance(name, str):
        raise TypeError(f"a container's name is {name!r}")
    return name


def serves_pod(target: Target) -> bool:
    """Whether the container runs beside the others: an ordinary one, or a native sidecar."""
    return target.section == "containers" or target.container.get("restartPolicy") == "Always"


def injected_language(target: Target, pod: Object) -> Language | None:
    """The language whose agent of ours the container already loads."""
    for mount in target.container.get("volumeMounts") or ():
        language = _BY_AGENT.get(mount.get("name"))
        if (
            language is not None
            and mount.get("mountPath") == language.directory
            and volume_is_ours(language, pod)
        ):
            return language
    return None


def volume_is_ours(language: Language, pod: Object) -> bool:
    """Whether the pod has the language's volume, an emptyDir."""
    volumes = pod["spec"].get("volumes") or ()
    return any(v.get("name") == language.agent and "emptyDir" in v for v in volumes)


def init_container_is_ours(language: Language, pod: Object) -> bool:
    """Whether the pod has the language's init container, with our mount."""
    containers = pod["spec"].get("initContainers") or ()
    return any(c.get("name") == language.agent and _mounts_agent(c) for c in containers)


def _mounts_agent(container: Object) -> bool:
    mounts = container.get("volumeMounts") or ()
    return any(mount.get("name") == container.get("name") for mount in mounts)


def taken_name(target: Target, language: Language, pod: Object) -> str | None:
    """What already uses a name or path that the injection needs, as a phrase for a person."""
    spec = pod["spec"]
    for mount in target.container.get("volumeMounts") or ():
        if _collides(str(mount.get("mountPath")).rstrip("/"), language.directory):
            return f"the container already mounts something at {mount['mountPath']}"
    if language.agent in _names(spec, "volumes"):
        if not (volume_is_ours(language, pod) and init_container_is_ours(language, pod)):
            return f"the pod has a volume {language.agent} of its own"
        return None
    for section in ("containers", "initContainers", "ephemeralContainers"):
        if language.agent in _names(spec, section):
            return f"the pod has a container {language.agent} of its own"
    return None


def _names(spec: Object, section: str) -> list[Json]:
    return [item.get("name") for item in spec.get(section) or ()]


def _collides(path: str, directory: str) -> bool:
    """Whether one lies in the other: in a read-only volume no directory can be made to mount at."""
    return f"{path}/".startswith(f"{directory}/") or f"{directory}/".startswith(f"{path}/")
