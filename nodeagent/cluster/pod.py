"""A pod of this node, with what is read of it: verdicts, resource attributes, observations.

read of a pod                                           by
------------------------------------------------------  -----------------------------------------
names, labels, the annotations that are wishes          whether it is opted in, and its attributes
the owner that controls it                              the workload
command, arguments, image, folder, mounts, limits       what a container runs, and its command key
variables: all names, the values that decisions read    agents that are there already
status: IDs, images' digests, the address of the node   whose process it is

Nothing else outlives the decoding: a pod may be as large as 1.5 MB, which is what etcd takes, and a
variable's value may be a password.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from msgspec import Raw, Struct, field
from msgspec.json import Decoder

from webhook import annotations, optin
from webhook.configmaps import kept
from webhook.model import Object

LARGEST: Final = 128 << 10
"""Bytes of a pod's JSON that are kept. Linux starts nothing with a longer word (MAX_ARG_STRLEN)."""

_NOT_EMPTY: Final = "…"
"""Stands for a value that nobody reads: whether a variable is empty counts all the same."""
_PATH: Final = "PATH"  # part of the command key
_EMPTY: Final = Raw(b"{}")
_WISHES: Final = (*annotations.PREFIXES, optin.MIRROR)


class _Lean(Struct, rename="camel", omit_defaults=True):
    """An object of which the fields that have no name here are not even decoded."""


class _Owner(_Lean):
    api_version: str | None = None
    kind: str | None = None
    name: str | None = None
    uid: str | None = None
    controller: bool | None = None


class _Metadata(_Lean):
    name: str
    namespace: str
    uid: str
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None
    owner_references: list[_Owner] | None = None

    def __post_init__(self) -> None:
        notes, owners = self.annotations or {}, self.owner_references or ()
        found = {key: value for key, value in notes.items() if key.startswith(_WISHES)}
        self.annotations = found or None
        self.owner_references = [one for one in owners if one.controller] or None


class _Reference(_Lean):
    name: str | None = None
    optional: bool | None = None


class _Variable(_Lean):
    name: str
    value: str | None = None
    value_from: dict[str, _Reference | None] | None = None

    def __post_init__(self) -> None:
        if self.value and self.name != _PATH:
            self.value = kept({self.name: self.value}).get(self.name) or _NOT_EMPTY


class _Variables(_Lean):
    """A source of `envFrom`."""

    prefix: str | None = None
    config_map_ref: _Reference | None = None
    secret_ref: _Reference | None = None


class _Mount(_Lean):
    name: str | None = None
    mount_path: str | None = None


class _Limits(_Lean):
    memory: str | float | None = None
    storage: str | float | None = field(default=None, name="ephemeral-storage")


class _Resources(_Lean):
    limits: _Limits | None = None


class _Container(_Lean):
    name: str
    image: str | None = None
    command: list[str] | None = None
    args: list[str] | None = None
    working_dir: str | None = None
    restart_policy: str | None = None
    env: list[_Variable] | None = None
    env_from: list[_Variables] | None = None
    volume_mounts: list[_Mount] | None = None
    resources: _Resources | None = None


class _Nothing(_Lean):
    """An object of which it counts that it is there."""


class _Volume(_Lean):
    name: str | None = None
    empty_dir: _Nothing | None = None


class _System(_Lean):
    name: str | None = None


class _Selector(_Lean):
    system: str | None = field(default=None, name="kubernetes.io/os")


class _Spec(_Lean):
    containers: list[_Container] | None = None
    init_containers: list[_Container] | None = None
    volumes: list[_Volume] | None = None
    node_name: str | None = None
    node_selector: _Selector | None = None
    os: _System | None = None


class _ContainerStatus(_Lean):
    name: str = ""
    identifier: str = field(default="", name="containerID")
    image: str = field(default="", name="imageID")


class _Status(_Lean):
    node: str | None = field(default=None, name="hostIP")
    container_statuses: list[_ContainerStatus] | None = None
    init_container_statuses: list[_ContainerStatus] | None = None
    ephemeral_container_statuses: list[_ContainerStatus] | None = None

    def identifiers(self) -> tuple[tuple[str, str], ...]:
        """ID and name of each container that was started: `containerd://0123…` → `0123…`."""
        lists = (
            self.container_statuses,
            self.init_container_statuses,
            self.ephemeral_container_statuses,
        )
        return tuple(
            (one.identifier.rpartition("/")[2], one.name)
            for statuses in lists
            for one in statuses or ()
            if one.identifier
        )


class _Document(_Lean):
    metadata: _Metadata
    spec: _Spec
    status: _Status


class _Names(Struct):
    name: str
    namespace: str
    uid: str


@dataclass(frozen=True, slots=True)
class Pod:
    """A pod of this node: its JSON as text, and the names of its containers by their IDs.

    `problem`: why so little is kept of it that all of its containers are left alone; else "".
    """

    uid: str
    namespace: str
    name: str
    text: bytes
    containers: tuple[tuple[str, str], ...] = ()
    problem: str = ""

    @property
    def document(self) -> Object:
        """What is read of the pod, as the API server tells of it."""
        return _decode(self.text)

    def container(self, identifier: str) -> str | None:
        """The name of the container of this ID, None where the status does not tell it yet."""
        return next((name for one, name in self.containers if one == identifier), None)


_NONE: Final = Pod("", "", "", b"{}")


class PodObject(Struct):
    """A Pod as it is decoded: only `pod` outlives the decoding."""

    metadata: Raw
    spec: Raw
    status: Raw = _EMPTY
    pod: Pod = _NONE

    def __post_init__(self) -> None:
        """Let go of what nobody reads, before the next one is decoded."""
        self.pod = _kept(_names(self.metadata), self)
        self.metadata = self.spec = self.status = _EMPTY

    def kept(self) -> Pod:
        """What is kept of it."""
        return self.pod


def _kept(names: _Names, item: PodObject) -> Pod:
    identifiers: tuple[tuple[str, str], ...] = ()
    try:
        status = _status(item.status)
        identifiers = status.identifiers()
        text = _encode(_Document(_metadata(item.metadata), _spec(item.spec), status))
    except msgspec.ValidationError as error:  # an odd one must not keep others from being known
        return _left_alone(names, str(error), identifiers)
    if len(text) > LARGEST:
        return _left_alone(names, f"more than {LARGEST >> 10} KiB would be kept", identifiers)
    return Pod(names.uid, names.namespace, names.name, text, identifiers)


def _left_alone(names: _Names, problem: str, identifiers: tuple[tuple[str, str], ...]) -> Pod:
    text = _encode({"metadata": names, "spec": {}})
    return Pod(names.uid, names.namespace, names.name, text, identifiers, problem)


_decode: Callable[[bytes], dict[str, Any]] = Decoder(dict[str, Any]).decode
_names, _metadata = Decoder(_Names).decode, Decoder(_Metadata).decode
_spec, _status = Decoder(_Spec).decode, Decoder(_Status).decode
_encode = msgspec.json.Encoder().encode
