"""A pod with every field filled, made from what the API server says of its own types.

What a field is called decides what is put into it, else its type: a field that a new version brings
comes by itself. What the API server then refuses is taken out again, field by field.
"""

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.cluster.admission.values import UNIONS, VALUES, WHOLE

Json = dict[str, Any]

CORE = "io.k8s.api.core.v1."
_REFERENCE = "#/components/schemas/"

_TYPES = {"string": str, "integer": int}


@dataclass(slots=True)
class Sampler:
    """Makes values of types, all fields filled.

    `schemas`: those of the core group, by name. `hints`: values as `VALUES` has them, before those.
    """

    schemas: Json
    hints: Mapping[str, Any]
    _hints: dict[str, Any] = field(init=False)
    _number: int = 0
    _turns: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._hints = {**VALUES, **self.hints}

    def one(self, kind: str) -> Any:
        """A value of a type; of a union's alternatives the next in turn."""
        found = list(self.variants(kind))
        turn = self._turns.get(kind, 0)
        self._turns[kind] = turn + 1
        return found[turn % len(found)]

    def variants(self, kind: str) -> Iterator[Any]:
        """A value for each alternative of a union; for another type, one."""
        short = kind.rpartition(".")[2]
        if short in WHOLE:
            yield copy.deepcopy(WHOLE[short])
            return
        properties = self.schemas[kind].get("properties", {})
        if short not in UNIONS:
            yield self._filled(short, properties)
            return
        names = [name for name in UNIONS[short] if name in properties] or [
            name for name, one in properties.items() if type_of(one)
        ]
        fixed = {name: one for name, one in properties.items() if name not in names}
        for name in names:
            for value in self._values(short, name, properties[name]):
                yield {**self._filled(short, fixed), name: value}

    def _filled(self, kind: str, properties: Json) -> Json:
        values = ((name, self._value(kind, name, one)) for name, one in properties.items())
        return {name: value for name, value in values if value is not None}

    def _values(self, kind: str, name: str, schema: Json) -> Iterator[Any]:
        """Of an alternative that is a union itself, all; else one."""
        of = type_of(schema)
        if of is None or f"{kind}.{name}" in self._hints or of.rpartition(".")[2] not in UNIONS:
            yield self._value(kind, name, schema)
        else:
            yield from self.variants(of)

    def _value(self, kind: str, name: str, schema: Json) -> Any:
        if (key := f"{kind}.{name}") in self._hints:
            return self._hinted(self._hints[key])
        if name in self._hints:
            value = self._hinted(self._hints[name])
            if _TYPES.get(schema.get("type", "")) is type(value):
                return value
        if of := type_of(schema):
            return self.one(of)
        return self._plain(kind, name, schema)

    def _hinted(self, hint: Any) -> Any:
        if callable(hint):
            self._number += 1
            return hint(self._number)
        return copy.deepcopy(hint)

    def _plain(self, kind: str, name: str, schema: Json) -> Any:
        if "enum" in schema:
            return schema["enum"][0]
        match schema.get("type"):
            case "array":
                of = type_of(schema["items"])
                return list(self.variants(of)) if of else [self._plain(kind, name, schema["items"])]
            case "object":
                inner = schema.get("additionalProperties", {})
                of = type_of(inner)
                return {"example.com/a": self.one(of) if of else "value"}
            case "integer":
                return 1
            case "boolean":
                return True
        return "value"


def type_of(schema: Json) -> str | None:
    """The name of the type that a schema refers to."""
    (inner,) = schema.get("allOf") or [schema]
    reference = inner.get("$ref", "")
    return reference.removeprefix(_REFERENCE) or None


_VOLUMES = (
    {"name": "data", "emptyDir": {}},
    {"name": "files", "emptyDir": {}},
    {"name": "block", "persistentVolumeClaim": {"claimName": "block"}},
)
"""Those to which other fields refer."""


def every_field(schemas: Json, images: Mapping[str, str], hints: Mapping[str, Any]) -> Json:
    """A pod with everything in it; its containers run what `images` has, by their names."""
    sampler = Sampler(schemas, hints)
    spec = sampler.one(f"{CORE}PodSpec")
    spec["volumes"] += copy.deepcopy(_VOLUMES)
    spec["containers"] = []
    for name, image in images.items():
        one = sampler.one(f"{CORE}Container")
        # What is said in the image decides, where no command says otherwise.
        left = {key: value for key, value in one.items() if key not in {"command", "args"}}
        spec["containers"].append({**left, "name": name, "image": image})
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "every-field", "labels": {"a": "b"}, "annotations": {"c": "d"}},
        "spec": spec,
    }
