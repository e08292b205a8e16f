"""What is wrong with the shape of a pod, as far as the core reads it.

The API server has validated what it sends, so the webhook asks only when something failed; the
command line asks beforehand, to name the field.
"""

from collections.abc import Iterator, Mapping

from webhook.model import Json, Object

_NAMES = {dict: "an object", list: "a list", str: "a string", int: "a number"}

# Path of a member below its parent → its type. A parent of type list means: of each item.
_MEMBERS: tuple[tuple[str, type], ...] = (
    ("metadata", dict),
    ("metadata.name", str),
    ("metadata.generateName", str),
    ("metadata.namespace", str),
    ("metadata.labels", dict),
    ("metadata.annotations", dict),
    ("metadata.ownerReferences", list),
    ("spec", dict),
    ("spec.os", dict),
    ("spec.nodeSelector", dict),
    ("spec.securityContext", dict),
    ("spec.securityContext.runAsUser", int),
    ("spec.volumes", list),
    ("spec.containers", list),
    ("spec.initContainers", list),
)
_CONTAINER: tuple[tuple[str, type], ...] = (
    ("image", str),
    ("command", list),
    ("args", list),
    ("env", list),
    ("envFrom", list),
    ("volumeMounts", list),
    ("resources", dict),
    ("resources.limits", dict),
    ("resources.requests", dict),
    ("securityContext", dict),
    ("securityContext.runAsUser", int),
    ("lifecycle", dict),
    *(
        (f"{handler}{member}", kind)
        for handler in (
            "startupProbe",
            "livenessProbe",
            "readinessProbe",
            "lifecycle.postStart",
            "lifecycle.preStop",
        )
        for member, kind in (("", dict), (".exec", dict), (".exec.command", list))
    ),
    ("livenessProbe.initialDelaySeconds", int),
    ("livenessProbe.periodSeconds", int),
    ("livenessProbe.failureThreshold", int),
)
# Lists of objects in a container → the members of each item.
_ITEMS: Mapping[str, tuple[tuple[str, type], ...]] = {
    "env": (),  # these have sentences of their own
    "envFrom": (
        ("prefix", str),
        ("configMapRef", dict),
        ("configMapRef.name", str),
        ("secretRef", dict),
        ("secretRef.name", str),
    ),
    "volumeMounts": (("name", str), ("mountPath", str)),
}
_TEXTS = ("command", "args")


def problems(pod: Json) -> tuple[str, ...]:
    """Sentences such as "spec.containers[0].env: expected a list, got a string"."""
    if not isinstance(pod, dict):
        return (f"expected an object, got {_name(pod)}",)
    found = [*_members(pod, "", _MEMBERS), *_texts(pod)]
    if found:
        return tuple(found)
    if not (pod.get("spec") or {}).get("containers"):
        return ("spec.containers: expected at least one container",)
    for key in ("volumes", "containers", "initContainers"):
        for index, item in enumerate(pod["spec"].get(key) or ()):
            path = f"spec.{key}[{index}]"
            found += _item(item, path, container=key != "volumes")
    return tuple(found or _twice(pod["spec"]))


def _twice(spec: Object) -> Iterator[str]:
    """Names that two containers have: what is noted of one could not be told from the other."""
    seen: set[str] = set()
    for key in ("containers", "initContainers"):
        for index, container in enumerate(spec.get(key) or ()):
            name = container["name"]
            if name in seen:
                yield f'spec.{key}[{index}].name: another container has the name "{name}" too'
            seen.add(name)


def _members(parent: Object, path: str, members: tuple[tuple[str, type], ...]) -> Iterator[str]:
    for name, kind in members:
        value: Json = parent
        for key in name.split("."):
            value = value.get(key) if isinstance(value, dict) else None
        if value is not None and not isinstance(value, kind):
            yield f"{path}{name}: expected {_NAMES[kind]}, got {_name(value)}"


def _texts(pod: Object) -> Iterator[str]:
    """Labels and annotations hold strings; YAML makes `yes` and `1` something else."""
    metadata = pod.get("metadata")
    for key in ("labels", "annotations"):
        values = metadata.get(key) if isinstance(metadata, dict) else None
        for name, value in values.items() if isinstance(values, dict) else ():
            if not isinstance(value, str):
                yield f'metadata.{key}["{name}"]: expected a string, got {_name(value)}: quote it'


def _item(item: Json, path: str, *, container: bool) -> Iterator[str]:
    if not isinstance(item, dict):
        yield f"{path}: expected an object, got {_name(item)}"
        return
    if not isinstance(item.get("name"), str):
        yield f"{path}.name: expected a string, got {_name(item.get('name'))}"
    if container:
        wrong = list(_members(item, f"{path}.", _CONTAINER))
        yield from wrong or _lists(item, path)


def _lists(container: Object, path: str) -> Iterator[str]:
    for key in _TEXTS:
        for index, word in enumerate(container.get(key) or ()):
            if not isinstance(word, str):
                yield f"{path}.{key}[{index}]: expected a string, got {_name(word)}: quote it"
    for key, members in _ITEMS.items():
        for index, entry in enumerate(container.get(key) or ()):
            place = f"{path}.{key}[{index}]"
            if not isinstance(entry, dict):
                yield f"{place}: expected an object, got {_name(entry)}"
                continue
            yield from _members(entry, f"{place}.", members)
            if key == "env":
                yield from _variable(entry, place)


def _variable(entry: Object, path: str) -> Iterator[str]:
    if not isinstance(entry.get("name"), str):
        yield f"{path}.name: expected a string, got {_name(entry.get('name'))}"
    value, source = entry.get("value"), entry.get("valueFrom")
    if value is not None and not isinstance(value, str):
        yield f"{path}.value: expected a string, got {_name(value)}: quote it"
    if source is not None and not isinstance(source, dict):
        yield f"{path}.valueFrom: expected an object, got {_name(source)}"


def _name(value: Json) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return f"the boolean {str(value).lower()}"
    return next((name for kind, name in _NAMES.items() if isinstance(value, kind)), "a number")
