"""What people ask for in annotations: ours, and those of the OpenTelemetry Operator.

Who wins, for a container that several annotations speak of (first row that fits):

    spanhook.dev/languages        operator's annotations               the container
    ----------------------------  -----------------------------------  -----------------------------
    does not parse                anything                             InvalidAnnotation
    "app=<language>"              anything                             that language
    "app=none"                    anything                             OptedOut
    does not name it              two inject-<language> choose it      Ambiguous
    does not name it              one inject-<language> chooses it     that language
    does not name it              a container list leaves it out       OptedOut
    does not name it              inject-<its language>: "false"       OptedOut
    does not name it              nothing                              what the evidence says

An operator annotation chooses the containers of `<language>-container-names` and `container-names`;
without a list, the pod's first container that is no known sidecar. Of pod and namespace the pod's
value wins, for every annotation that a namespace may carry. Annotations choose languages and
containers; they never opt a pod in.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import get_args

from webhook import sidecars
from webhook.languages import BY_NAME, LANGUAGES
from webhook.model import Libc, Object
from webhook.settings import Signal

PREFIX = "spanhook.dev/"
LANGUAGES_KEY = f"{PREFIX}languages"
LIBC_KEY = f"{PREFIX}libc"
SERVICE_NAME_KEY = f"{PREFIX}service-name"
SIGNALS_KEY = f"{PREFIX}signals"
SAMPLING_KEY = f"{PREFIX}sampling-ratio"
RESOURCE_PREFIX = f"{PREFIX}resource."

OPERATOR = "instrumentation.opentelemetry.io/"
OPERATOR_RESOURCE = "resource.opentelemetry.io/"
_NOT_SERVED = tuple(f"{OPERATOR}inject-{what}" for what in ("sdk", "nginx", "apache-httpd"))
PREFIXES = (PREFIX, OPERATOR, OPERATOR_RESOURCE)
"""How every annotation begins that is read, on a pod or on its namespace."""

NONE = "none"
EVERY = "*"
"""The key in `Wishes.faults` of a fault that concerns every container."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A language that an annotation chooses for a container, and the annotation as it stands."""

    language: str
    text: str


@dataclass(frozen=True, slots=True)
class Wishes:
    """Everything that a pod's annotations ask for; what does not parse is in `faults`."""

    choices: Mapping[str, tuple[Choice, ...]] = field(default_factory=dict)
    """Container name → languages chosen for it (`none` excludes it)."""
    excluded: Mapping[str, str] = field(default_factory=dict)
    """Language → the operator annotation that excludes it."""
    listed: frozenset[str] | None = None
    """The containers that the operator's container lists name; None when there is no list."""
    libc: Mapping[str, Libc] = field(default_factory=dict)
    service_name: str | None = None
    signals: tuple[Signal, ...] | None = None
    sampling_ratio: str | None = None
    resource: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[str, str] = field(default_factory=dict)
    """Container name, or EVERY → what does not parse."""
    warnings: tuple[str, ...] = ()


NOTHING = Wishes()


@dataclass(slots=True)
class _Reader:
    """Collects while reading one pod's annotations."""

    pod: Object
    names: tuple[str, ...]
    choices: dict[str, list[Choice]] = field(default_factory=dict)
    excluded: dict[str, str] = field(default_factory=dict)
    listed: set[str] | None = None
    libc: dict[str, Libc] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def pairs(self, key: str, text: str, allowed: Iterable[str]) -> Iterator[tuple[str, str]]:
        """The `container=value` pairs of an annotation; what is wrong goes into `faults`."""
        allowed = tuple(allowed)
        seen: dict[str, str] = {}
        for item in filter(None, (part.strip() for part in text.split(","))):
            name, equals, value = (part.strip() for part in item.partition("="))
            if not (equals and name):
                self.faults[EVERY] = (
                    f'{key}: "{text}": "{item}" is not of the form <container>=<value>'
                )
            elif value not in allowed:
                self.missing(key, name)
                self.faults[name] = f'{key}: "{text}": {_unknown(value, allowed)}'
            elif seen.setdefault(name, value) != value:
                self.faults[name] = (
                    f'{key}: "{text}" names {name} twice, as {seen[name]} and {value}'
                )
            else:
                self.missing(key, name)
                yield name, value

    def missing(self, key: str, name: str) -> None:
        """Warn of a container that the pod does not have (a later webhook may still add it)."""
        if name not in self.names:
            self.warnings.append(f'{key} names the container "{name}", which the pod does not have')


def _unknown(value: str, allowed: tuple[str, ...]) -> str:
    near = get_close_matches(value.lower(), allowed, n=1, cutoff=0.5)
    hint = f'; did you mean "{near[0]}"?' if near else ""
    return f'"{value}" is none of {", ".join(allowed)}{hint}'


def read(pod: Object, namespace: Mapping[str, str]) -> Wishes:
    """Read the wishes in a pod's annotations and its namespace's. Never raises on strings."""
    own: Mapping[str, str] = (pod.get("metadata") or {}).get("annotations") or {}
    if not (_any_ours(own) or _any_ours(namespace)):
        return NOTHING
    spec = pod.get("spec") or {}
    containers = (*(spec.get("containers") or ()), *(spec.get("initContainers") or ()))
    reader = _Reader(pod, tuple(container["name"] for container in containers))
    either = {**namespace, **own}
    _languages(reader, own)
    _operator(reader, either)
    _libc(reader, own)
    return Wishes(
        choices={name: tuple(choices) for name, choices in reader.choices.items()},
        excluded=reader.excluded,
        listed=None if reader.listed is None else frozenset(reader.listed),
        libc=reader.libc,
        service_name=either.get(SERVICE_NAME_KEY, "").strip() or None,
        signals=_signals(reader, either.get(SIGNALS_KEY)),
        sampling_ratio=_ratio(reader, either.get(SAMPLING_KEY)),
        resource=_resource(namespace, own),
        faults=reader.faults,
        warnings=tuple(reader.warnings),
    )


def _any_ours(annotations: Mapping[str, str]) -> bool:
    return any(key.startswith(PREFIXES) for key in annotations)


def _languages(reader: _Reader, own: Mapping[str, str]) -> None:
    text = own.get(LANGUAGES_KEY)
    if text is None:
        return
    for name, value in reader.pairs(LANGUAGES_KEY, text, (*BY_NAME, NONE)):
        reader.choices[name] = [Choice(value, f'{LANGUAGES_KEY}: "{text}"')]


def _libc(reader: _Reader, own: Mapping[str, str]) -> None:
    text = own.get(LIBC_KEY)
    if text is None:
        return
    for name, value in reader.pairs(LIBC_KEY, text, get_args(Libc)):
        reader.libc[name] = value  # type: ignore[assignment]  # `pairs` let only these pass


def _operator(reader: _Reader, either: Mapping[str, str]) -> None:
    """The operator's annotations; ours, read before, stay for the containers that they name."""
    ours = frozenset(reader.choices)
    for key in _NOT_SERVED:
        if either.get(key, "false").strip().lower() != "false":
            reader.warnings.append(f'{key}: "{either[key]}" asks for what is not served here')
    common = _names(reader, "container-names", either)
    for language in LANGUAGES:
        key = f"{OPERATOR}inject-{language.name}"
        value = either.get(key, "").strip()
        if not value:
            continue
        if value.lower() == "false":
            reader.excluded[language.name] = f'{key}: "{value}"'
            continue
        if value.lower() != "true":
            reader.warnings.append(
                f'{key}: "{value}" names a resource of the OpenTelemetry Operator,'
                " which is not read; Spanhook's own settings apply"
            )
        listed = common + _names(reader, f"{language.name}-container-names", either)
        if listed:
            reader.listed = (reader.listed or set()) | set(listed)
        for name in listed or _first(reader.pod):
            if name not in ours:
                choice = Choice(language.name, f'{key}: "{value}"')
                reader.choices.setdefault(name, []).append(choice)


def _names(reader: _Reader, suffix: str, either: Mapping[str, str]) -> list[str]:
    text = either.get(OPERATOR + suffix, "")
    names = [name for name in (part.strip() for part in text.split(",")) if name]
    for name in names:
        reader.missing(OPERATOR + suffix, name)
    return names


def _first(pod: Object) -> list[str]:
    """The first container that is no known sidecar: the operator takes index 0, even a proxy."""
    for container in (pod.get("spec") or {}).get("containers") or ():
        if not sidecars.known(container["name"], container.get("image") or ""):
            return [container["name"]]
    return []


def _signals(reader: _Reader, text: str | None) -> tuple[Signal, ...] | None:
    if text is None:
        return None
    names = tuple(name for name in (part.strip() for part in text.split(",")) if name)
    allowed = get_args(Signal)
    wrong = [name for name in names if name not in allowed]
    if wrong or not names:
        seen = _unknown(wrong[0], allowed) if wrong else f"expected some of {', '.join(allowed)}"
        reader.faults[EVERY] = f'{SIGNALS_KEY}: "{text}": {seen}'
        return None
    return names  # type: ignore[return-value]  # checked against the literal above


def _ratio(reader: _Reader, text: str | None) -> str | None:
    if text is None:
        return None
    try:
        ratio = float(text)
    except ValueError:
        ratio = -1.0
    if not 0 <= ratio <= 1:
        reader.faults[EVERY] = f'{SAMPLING_KEY}: "{text}": expected a number from 0 to 1'
        return None
    return f"{ratio:g}"


def _resource(namespace: Mapping[str, str], own: Mapping[str, str]) -> dict[str, str]:
    """Attributes by name; ours before the operator's, the pod's before the namespace's."""
    attributes: dict[str, str] = {}
    for annotations in (namespace, own):
        for prefix in (OPERATOR_RESOURCE, RESOURCE_PREFIX):
            for key, value in annotations.items():
                if key.startswith(prefix) and len(key) > len(prefix):
                    attributes[key.removeprefix(prefix)] = value
    return attributes
