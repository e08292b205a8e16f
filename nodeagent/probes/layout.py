"""Where a binary keeps what the probes read: found in its types, packed for the BPF programs."""

from collections.abc import Iterable, Mapping, Sequence
from struct import Struct
from typing import Protocol

from nodeagent.binary.maps import MapLayout
from nodeagent.probes.probe import Field, Probe

ABSENT = 0xFFFFFFFF
"""In place of an offset."""

_MAP_FIELDS = (
    "header_is_swiss",
    "header_group",
    "header_key",
    "header_key_stride",
    "header_value",
    "header_value_stride",
)
_SLOTS, _GROUP = 8, 328  # bytes of eight slots, as http_server.bpf.c reads them


class Types(Protocol):
    """What is asked of a program's types."""

    def offset(self, type_: str, field: str) -> int | None:
        """Where a field lies in a struct, in bytes."""

    def map_layout(self, type_: str) -> MapLayout | None:
        """How a map's slots lie."""

    def type_place(self, type_: str) -> int | None:
        """Where a type's descriptor lies behind the first one, in bytes."""


class Unfit(Exception):  # noqa: N818 - not an error of ours: a fact about the binary
    """A probe cannot be used on a binary; says what it lacks."""


def names(probes: Iterable[Probe]) -> tuple[str, ...]:
    """The members of `struct binary`, in order."""
    named: dict[str, None] = {}
    for probe in probes:
        named |= dict.fromkeys(field.name for field in probe.fields)
        named |= dict.fromkeys(one.name for one in probe.descriptors)
    return (*named, *_MAP_FIELDS)


def find(types: Types, probe: Probe) -> dict[str, int]:
    """Offsets of the probe's fields by name. Raises Unfit when a required one is missing."""
    offsets = {field.name: _find(types, field) for field in probe.fields}
    for one in probe.descriptors:
        place = types.type_place(one.type)
        offsets[one.name] = ABSENT if place is None else place
    return offsets | (_find_slots(types, probe.headers) if probe.headers else {})


def _find(types: Types, field: Field) -> int:
    spelled = [name for name in (field.field, field.earlier) if name]
    found = (types.offset(type_, name) for type_ in field.types for name in spelled)
    offset = next((one for one in found if one is not None), ABSENT)
    if offset == ABSENT and field.required:
        raise Unfit(f"no field {field.field} in {' or '.join(field.types)}")
    if ABSENT > offset >= field.before:
        raise Unfit(f"field {field.field} of {field.types[0]} is at {offset}")
    return offset


def _find_slots(types: Types, type_: str) -> dict[str, int]:
    """The map's layout; nothing where it is none that the programs can read."""
    layout = types.map_layout(type_)
    if layout is None or not _fits(layout):
        return {}
    values = (
        *(int(layout.swiss), layout.group_size),
        *(layout.keys, layout.key_stride, layout.elements, layout.element_stride),
    )
    return dict(zip(_MAP_FIELDS, values, strict=True))


def _fits(layout: MapLayout) -> bool:
    # A bucket of the earlier maps ends with a pointer to the next one.
    size = _GROUP if layout.swiss else _GROUP + 8
    direct = not layout.indirect_key and not layout.indirect_element
    sizes = (layout.slots, layout.group_size, layout.overflow)
    return direct and sizes == (_SLOTS, size, None if layout.swiss else _GROUP)


def pack(probes: Sequence[Probe], offsets: Mapping[str, int]) -> bytes:
    """The bytes of `struct binary`; what is not in `offsets` is absent."""
    members = names(probes)
    return Struct(f"={len(members)}I").pack(*[offsets.get(name, ABSENT) for name in members])
