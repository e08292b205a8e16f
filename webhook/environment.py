"""What variables a container will have, and how surely each is known.

The kubelet takes a variable from `env` (the last entry of a name), else from `envFrom` (the last
source that has the key), else the runtime takes it from the image's own `Env`. Secrets are never
read, so a Secret, or a ConfigMap that is not known, makes every variable that it could hold merely
possible.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from webhook.model import EMPTY, Facts, Image, Object
from webhook.value import Value


class Origin(StrEnum):
    """Where the value that a variable has comes from."""

    ABSENT = "absent"
    LITERAL = "literal"
    REFERENCE = "reference"
    """`valueFrom` that always resolves, or keeps the container from starting."""
    OPTIONAL = "optional"
    """`valueFrom` that may resolve to nothing."""
    CONFIG_MAP = "config-map"
    IMAGE = "image"


class Found(Value):
    """One variable: `index` in `env` for what stands there, `value` where the text is known."""

    origin: Origin
    value: str | None = None
    index: int = -1


ABSENT = Found(Origin.ABSENT)


class Unread(Value):
    """A source in `envFrom` whose keys are not known."""

    prefix: str
    name: str


class Environment(Value):
    """A container's variables. Made by `of`."""

    entries: Sequence[Object]
    own: Mapping[str, str | None]
    """What `env` says; None where it is a reference."""
    config_maps: Mapping[str, str | None]
    unread: tuple[Unread, ...]
    image: Mapping[str, str | None]
    known: Mapping[str, str | None]
    """Every variable that is surely there; None where its value is not known."""

    def find(self, name: str) -> Found:
        """The variable as the process will have it, as far as it is known."""
        if name in self.own:
            return _last(self.entries, name)
        if name in self.config_maps:
            return Found(Origin.CONFIG_MAP, self.config_maps[name])
        if name in self.image:
            return Found(Origin.IMAGE, self.image[name])
        return ABSENT

    def has(self, name: str) -> bool:
        """Whether the user, or the image, sets the variable for certain."""
        return name in self.known

    def possible(self, name: str) -> str | None:
        """The unread source that could hold the variable, where nothing in `env` overrides it."""
        if name in self.own or name in self.config_maps:
            return None
        return next((u.name for u in self.unread if name.startswith(u.prefix)), None)


def of(container: Object, image: Image | None, facts: Facts, namespace: str | None) -> Environment:
    """The environment of a container of a pod in `namespace`."""
    entries = container.get("env") or ()
    own = {e["name"]: None if e.get("valueFrom") else e.get("value") or "" for e in entries}
    config_maps: dict[str, str | None] = {}
    unread: list[Unread] = []
    for source in container.get("envFrom") or ():
        prefix = source.get("prefix") or ""
        reference = source.get("configMapRef")
        data = reference and facts.config_maps.get((namespace or "", reference.get("name", "")))
        if data is None:
            unread.append(Unread(prefix, _source_name(source)))
        else:
            config_maps.update((prefix + key, value) for key, value in data.items())
    of_image = image.environment if image else EMPTY
    known = {**of_image, **config_maps, **own}
    return Environment(entries, own, config_maps, tuple(unread), of_image, known)


def _source_name(source: Object) -> str:
    for key, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
        if reference := source.get(key):
            return f'{kind} "{reference.get("name", "")}"'
    return "a source that is not known"


def _last(entries: Sequence[Object], name: str) -> Found:
    """The last entry of a name: that is the one that counts."""
    index = max(index for index, entry in enumerate(entries) if entry["name"] == name)
    entry = entries[index]
    source = entry.get("valueFrom")
    if not source:
        return Found(Origin.LITERAL, entry.get("value") or "", index)
    optional = any(isinstance(s, dict) and s.get("optional") for s in source.values())
    return Found(Origin.OPTIONAL if optional else Origin.REFERENCE, None, index)
