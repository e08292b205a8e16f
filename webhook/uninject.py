"""Taking an injection back: the pod as it was before.

The status annotation says what was added; it is a hint. What it names is removed only where the
pod still looks as if we had written it, so that nothing of the user's is lost; what has been
changed since is left, with a warning.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from webhook import status
from webhook.identity import FIELDS
from webhook.language import Language
from webhook.languages import BY_NAME, LANGUAGES
from webhook.merge import ORIGINAL
from webhook.model import Object, Operation
from webhook.patch import Builder, Place, escape
from webhook.shared import ATTRIBUTES
from webhook.structure import AGENTS, init_container_is_ours, volume_is_ours

_EDITS = {
    (variable.name, *_edit)
    for language in LANGUAGES
    for variable in language.variables
    for addition in {variable.value, variable.musl or variable.value}
    for separator in ("", variable.separator)
    for _edit in ((addition + separator, ""), ("", separator + addition))
}
"""(name, text before, text behind) of every merge that a language asks for."""

_VALUES = {
    (variable.name, value)
    for language in LANGUAGES
    for variable in language.variables
    for value in (variable.value, variable.musl)
    if value
}
_NAMES = {name for name, _ in _VALUES}


@dataclass(frozen=True, slots=True)
class Removal:
    """What takes an injection back; no operations when nothing of ours is there."""

    operations: tuple[Operation, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(slots=True)
class _Work:
    build: Builder = field(default_factory=Builder)
    warnings: list[str] = field(default_factory=list)


def uninject(pod: Object) -> Removal:
    """The operations that remove what was injected. Raises nothing for a pod of valid shape."""
    record = status.read(pod)
    if record is None:
        return Removal(warnings=_leftovers(pod))
    work = _Work()
    added = _mapping(record.get("added"))
    created = _mapping(_mapping(record.get("pod")).get("created"))
    for section in ("containers", "initContainers"):
        for index, container in enumerate(pod["spec"].get(section) or ()):
            mine = added.get(container.get("name"))
            if isinstance(mine, Mapping):
                _container(work, container, f"/spec/{section}/{index}", mine)
    _lists(work.build, pod, _agents(record), created)
    _metadata(work.build, pod, record, created)
    return Removal(tuple(work.build.operations), tuple(work.warnings))


def _leftovers(pod: Object) -> tuple[str, ...]:
    containers = pod["spec"].get("initContainers") or ()
    if not any(c.get("name") in AGENTS for c in containers):
        return ()
    return (f"{status.STATUS} is missing, so what was injected cannot be told apart",)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _container(work: _Work, container: Object, path: str, record: Mapping[str, Any]) -> None:
    created = _mapping(record.get("created"))
    ours = _env(work, container, path, record)
    _drop(work.build, Place(container, path, "env"), ours, created)
    mounts = container.get("volumeMounts") or []
    language = BY_NAME.get(record.get("language", ""))
    ours = [i for i, mount in enumerate(mounts) if language and _mounts(mount, language)]
    _drop(work.build, Place(container, path, "volumeMounts"), ours, created)


def _mounts(mount: Object, language: Language) -> bool:
    return (mount.get("name"), mount.get("mountPath")) == (language.agent, language.directory)


@dataclass(frozen=True, slots=True)
class _Variables:
    """A container's variables, and where the one that counts of each name stands."""

    path: str
    entries: list[Any]
    last: Mapping[str, int]


def _env(work: _Work, container: Object, path: str, record: Mapping[str, Any]) -> list[int]:
    """Restore what was merged; the indices of the entries that are ours alone."""
    entries = container.get("env") or []
    last = {entry["name"]: index for index, entry in enumerate(entries)}
    variables = _Variables(f"{path}/env", entries, last)
    ours = set(_added(work, variables, record.get("env") or ()))
    for name, edit in _mapping(record.get("merged")).items():
        if name not in last:
            work.warnings.append(f"{path}/env: {name} is gone")
        elif edit == ["renamed"]:
            ours |= set(_rename_back(work, variables, name))
        else:
            _cut_back(work, variables, name, edit)
    return sorted(ours)


def _added(work: _Work, variables: _Variables, names: Sequence[str]) -> Iterator[int]:
    """The entries that were added. We add no name that is there: of two, one is the user's."""
    count = Counter(entry["name"] for entry in variables.entries)
    for name in names:
        if count[name] == 1 and _looks_added(variables.entries[variables.last[name]]):
            yield variables.last[name]
        elif name in variables.last:
            work.warnings.append(f"{variables.path}: {name} was changed since, and was left")


def _looks_added(entry: Object) -> bool:
    name, value = entry["name"], entry.get("value")
    if name in FIELDS:
        field_ref = (entry.get("valueFrom") or {}).get("fieldRef") or {}
        return bool(field_ref.get("fieldPath") == FIELDS[name])
    if not isinstance(value, str):
        return False
    if name in _NAMES:
        return any(of == name and ours in value for of, ours in _VALUES)
    return bool(name.startswith("OTEL_"))


def _rename_back(work: _Work, variables: _Variables, name: str) -> Iterator[int]:
    original, index = variables.last.get(ORIGINAL + name), variables.last[name]
    value = variables.entries[index].get("value") or ""
    before, found, behind = value.partition(f"$({ORIGINAL}{name})")
    if original is None or not (found and _looks_merged(name, before, found, behind)):
        work.warnings.append(f"{variables.path}: {name} was changed since, and was left")
        return
    work.build.replace(f"{variables.path}/{original}/name", name)
    yield index


def _cut_back(work: _Work, variables: _Variables, name: str, edit: Sequence[Any]) -> None:
    index = variables.last[name]
    value = variables.entries[index].get("value") or ""
    path = f"{variables.path}/{index}/value"
    match edit:
        case [int(before), int(behind), str(was)] if before + behind <= len(value):
            end = len(value) - behind
            theirs = value[before:end]
            if _looks_merged(name, value[:before], theirs, value[end:]):
                _restore(work.build, path, theirs, was)
                return
    work.warnings.append(f"{variables.path}: {name} was changed since, and was left")


def _restore(build: Builder, path: str, theirs: str, was: str) -> None:
    if was == "absent":
        build.remove(path)
    else:
        build.replace(path, None if was == "null" else theirs)


def _looks_merged(name: str, before: str, theirs: str, behind: str) -> bool:
    """Whether what stands before and behind the user's text is what a merge puts there, exactly."""
    if name != ATTRIBUTES:
        return (name, before, behind) in _EDITS
    ends = before.endswith(",") or not theirs
    return ends and not behind and before.startswith(("k8s.", "service."))


def _drop(build: Builder, place: Place, indices: list[int], created: Mapping[str, Any]) -> None:
    """Remove items from the back; a list that we created and that is now empty goes with them."""
    was = created.get(place.key)
    if was and len(indices) == len(place.parent.get(place.key) or ()):
        _undo(build, place.path, was)
        return
    for index in reversed(indices):
        build.remove(f"{place.path}/{index}")


def _undo(build: Builder, path: str, was: str) -> None:
    if was == "null":
        build.replace(path, None)
    else:
        build.remove(path)


def _agents(record: Mapping[str, Any]) -> list[Language]:
    names = _mapping(record.get("pod")).get("agents") or ()
    return [language for language in LANGUAGES if language.name in names]


def _lists(
    build: Builder, pod: Object, languages: list[Language], created: Mapping[str, Any]
) -> None:
    spec = pod["spec"]
    ours = {
        "initContainers": {x.agent for x in languages if init_container_is_ours(x, pod)},
        "volumes": {x.agent for x in languages if volume_is_ours(x, pod)},
    }
    for key, names in ours.items():
        items = spec.get(key) or []
        found = [i for i, item in enumerate(items) if item.get("name") in names]
        was = {key: created.get(f"spec.{key}")}
        _drop(build, Place(spec, "/spec", key), found, was)


def _metadata(
    build: Builder, pod: Object, record: Mapping[str, Any], created: Mapping[str, Any]
) -> None:
    metadata = pod["metadata"]
    labels = set(_mapping(record.get("pod")).get("labels") or ()) & set(status.OWN_LABELS)
    present = {"labels": labels, "annotations": set(status.OWN_ANNOTATIONS)}
    kept = {
        key: [name for name in metadata.get(key) or () if name not in ours]
        for key, ours in present.items()
    }
    if "metadata" in created and not any(kept.values()) and set(metadata) <= set(present):
        _undo(build, "/metadata", created["metadata"])
        return
    for key, ours in present.items():
        was = created.get(f"metadata.{key}")
        if was and not kept[key]:
            _undo(build, f"/metadata/{key}", was)
            continue
        for name in metadata.get(key) or ():
            if name in ours:
                build.remove(f"/metadata/{key}/{escape(name)}")
