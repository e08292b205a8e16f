"""What of a pod with every field the API server accepts, and which fields that fills."""

import copy
import re
from collections.abc import Callable, Iterable
from typing import Any

from tests.cluster import Response
from tests.cluster.admission.fields import CORE, type_of
from tests.cluster.admission.values import WHOLE

Json = dict[str, Any]


def accepted(pod: Json, create: Callable[[Json], Response]) -> tuple[Json, list[str]]:
    """The pod without what the API server refuses, and the paths of what that is.

    Raises AssertionError for a refusal that names no field.
    """
    left, refused = copy.deepcopy(pod), list[str]()
    while (answer := create(left)).status != CREATED:
        causes = (answer.body.get("details") or {}).get("causes")
        assert causes, answer.message
        # From the back: what is removed from a list then shifts nothing still to come.
        for path in sorted({one["field"] for one in causes}, key=_steps, reverse=True):
            refused.append(path)
            _remove(left, _steps(path))
    return left, refused


CREATED = 201


def _steps(path: str) -> tuple[tuple[int, str], ...]:
    """`spec.volumes[2].name` as steps that can be ordered: a number, or a name behind a 0."""
    words = re.findall(r"[^.\[\]]+", path)
    return tuple((int(word), "") if word.isdigit() else (0, word) for word in words)


def _remove(pod: Json, steps: tuple[tuple[int, str], ...]) -> None:
    """Take out what a path leads to, or what is left of the way to it."""
    at: Any = pod
    for number, name in steps[:-1]:
        inner = at.get(name) if isinstance(at, dict) else at[number] if number < len(at) else None
        if not isinstance(inner, dict | list):
            break
        at = inner
    number, name = steps[-1]
    if isinstance(at, dict):
        at.pop(name, None)
    elif number < len(at):
        del at[number]


def filled(schemas: Json, pod: Json) -> tuple[set[str], set[str]]:
    """The fields of a pod's types, as `Container.image`: those that the pod has, and all."""
    found: set[str] = set()
    every: set[str] = set()
    _walk(schemas, f"{CORE}PodSpec", [pod["spec"]], found, every)
    return found, every


def _walk(schemas: Json, kind: str, values: list[Any], found: set[str], every: set[str]) -> None:
    short = kind.rpartition(".")[2]
    if short in WHOLE or not kind.startswith(CORE):
        return
    for name, schema in schemas[kind].get("properties", {}).items():
        every.add(f"{short}.{name}")
        inner = [value[name] for value in values if name in value]
        if inner:
            found.add(f"{short}.{name}")
        is_list = schema.get("type") == "array"
        if is_list:
            inner = [item for items in inner for item in items]
        if (of := type_of(schema["items"] if is_list else schema)) and (
            inner or of.rpartition(".")[2] not in _walked(every)
        ):
            _walk(schemas, of, inner, found, every)


def _walked(every: Iterable[str]) -> set[str]:
    return {name.partition(".")[0] for name in every}
