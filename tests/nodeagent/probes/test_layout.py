from dataclasses import dataclass, field, replace
from struct import unpack

import pytest

from nodeagent.binary.program import MapLayout
from nodeagent.probes import PROBES
from nodeagent.probes.layout import ABSENT, Unfit, find, names, pack
from nodeagent.probes.probe import Field, Probe

SWISS = MapLayout(
    group_size=328,
    keys=8,
    key_stride=40,
    elements=24,
    element_stride=40,
    indirect_key=False,
    indirect_element=False,
)
BUCKETS = MapLayout(
    overflow=328,
    group_size=336,
    keys=8,
    key_stride=16,
    elements=136,
    element_stride=24,
    indirect_key=False,
    indirect_element=False,
)


@dataclass
class _Types:
    """Types whose every field lies at 8, but for those that are named."""

    offsets: dict[tuple[str, str], int | None] = field(default_factory=dict)
    layout: MapLayout | None = SWISS
    unknown: tuple[str, ...] = ()

    def offset(self, type_: str, field: str) -> int | None:
        return self.offsets.get((type_, field), 8)

    def type_place(self, type_: str) -> int | None:
        return None if type_ in self.unknown else 0x40

    def map_layout(self, type_: str) -> MapLayout | None:
        assert type_
        return self.layout


@pytest.fixture(name="probe", params=PROBES, ids=lambda probe: probe.name)
def fixture_probe(request: pytest.FixtureRequest) -> Probe:
    """Each probe that there is."""
    probe: Probe = request.param
    return probe


def test_every_field_has_its_offset(probe: Probe) -> None:
    """What is found is packed in the order of the names."""
    offsets = find(_Types(), probe)
    packed = pack([probe], offsets)

    values = dict(zip(names([probe]), unpack(f"={len(packed) // 4}I", packed), strict=True))
    assert {name: values[name] for name in offsets} == offsets
    assert all(values[one.name] == 8 for one in probe.fields)


def test_a_missing_field_turns_its_probe_off(probe: Probe) -> None:
    """The reason names the field; a field that is not required is absent."""
    for one in probe.fields:
        types = _Types({(type_, name): None for type_ in one.types for name in _names(one)})
        if one.required:
            with pytest.raises(Unfit, match=rf"no field {one.field} in {one.types[0]}"):
                find(types, probe)
        else:
            assert find(types, probe)[one.name] == ABSENT


def _names(field: Field) -> tuple[str, str]:
    return field.field, field.earlier


def test_a_field_may_have_had_another_name(probe: Probe) -> None:
    """The name of earlier versions is looked for where there is no field of today's."""
    for one in probe.fields:
        types = _Types({(type_, one.field): None for type_ in one.types})
        if one.earlier:
            assert find(types, probe)[one.name] == 8


def test_a_type_that_is_not_there_is_absent(probe: Probe) -> None:
    """Names of types are then not read; everything else is."""
    for one in probe.descriptors:
        assert find(_Types(), probe)[one.name] == 0x40
        assert find(_Types(unknown=(one.type,)), probe)[one.name] == ABSENT


def test_a_field_that_is_too_far_is_refused(probe: Probe) -> None:
    """What the programs read at once has to hold the field."""
    for one in probe.fields:
        if one.required and one.before < ABSENT:
            with pytest.raises(Unfit, match=f"is at {one.before}"):
                find(_Types({(one.types[0], one.field): one.before}), probe)


@pytest.mark.parametrize(
    "layout",
    [
        pytest.param(None, id="no-map"),
        pytest.param(replace(SWISS, slots=16), id="slots"),
        pytest.param(replace(SWISS, group_size=400), id="larger-group"),
        pytest.param(replace(BUCKETS, overflow=300), id="next-elsewhere"),
        pytest.param(replace(SWISS, indirect_key=True), id="indirect-key"),
        pytest.param(replace(BUCKETS, indirect_element=True), id="indirect-element"),
    ],
)
def test_headers_that_cannot_be_searched_are_left_alone(layout: MapLayout | None) -> None:
    """A map that is unlike those we read leaves the probe on, without parents."""
    probe = PROBES[0]

    packed = pack([probe], find(_Types(layout=layout), probe))

    assert packed.endswith(ABSENT.to_bytes(4, "little") * 6)


@pytest.mark.parametrize("layout", [SWISS, BUCKETS], ids=["swiss", "buckets"])
def test_headers_that_can_be_searched(layout: MapLayout) -> None:
    """Both kinds of maps that Go has had."""
    offsets = find(_Types(layout=layout), PROBES[0])

    assert offsets["header_is_swiss"] == layout.swiss
    assert offsets["header_group"] == layout.group_size
    assert offsets["header_value"] == layout.elements


def test_the_first_type_that_is_there_counts() -> None:
    """A struct that moved to another package is found there."""
    probe = PROBES[0]
    moved = next(one for one in probe.fields if len(one.types) > 1)
    old, new = moved.types

    assert find(_Types({(old, moved.field): None, (new, moved.field): 40}), probe)[moved.name] == 40
