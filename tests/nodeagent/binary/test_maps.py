"""Map layouts, compared with the debug information of the groups and buckets themselves."""

import struct

import pytest

from nodeagent.binary import maps
from nodeagent.binary.maps import MapLayout
from nodeagent.binary.program import GoProgram
from tests.nodeagent.binary.builds import Told

# In Go's spelling of types, with import paths in the debug information.
MAPS = {
    "map[string][]string": ("string", "[]string"),
    "map[string]prices.Money": ("string", "example.com/prices.Money"),
    "map[[40]int64]string": ("[40]int64", "string"),
    "map[int8]bool": ("int8", "bool"),
}


@pytest.mark.parametrize(
    "type_", MAPS, ids=[".".join(pair).replace("/", ".") for pair in MAPS.values()]
)
def test_slots_are_where_told(program: GoProgram, truth: Told, type_: str) -> None:
    """A group or bucket has the size and the members that the debug information gives its type."""
    layout = program.map_layout(type_)

    assert layout is not None
    key, element = MAPS[type_]
    assert layout.indirect_key == (key == "[40]int64")  # larger than 128 bytes
    assert not layout.indirect_element
    if layout.swiss:
        slot = "*[40]int64" if layout.indirect_key else key
        assert swiss(truth, f"{key}]{element}", f"key {slot}; elem {element}") == layout
    else:
        assert old(truth, f"bucket<{key},{element}>") == layout


def swiss(truth: Told, group: str, slot: str) -> MapLayout:
    """What the debug information says of a group and its slots."""
    whole = truth["structs"][f"noalg.map.group[{group}"]
    pair = truth["structs"][f"noalg.struct {{ {slot} }}"]
    begin, size, within = whole["fields"]["slots"], pair["size"], pair["fields"]["elem"]
    indirect = slot.startswith("key *")
    return MapLayout(whole["size"], begin, size, begin + within, size, indirect, False)


def old(truth: Told, name: str) -> MapLayout:
    """What the debug information says of a bucket; it is the same for keys that are indirect."""
    shape = truth["structs"][name]
    keys, values, overflow = (shape["fields"][name] for name in ("keys", "values", "overflow"))
    strides = (values - keys) // 8, (overflow - values) // 8
    indirect = name.startswith("bucket<[40]")
    return MapLayout(shape["size"], keys, strides[0], values, strides[1], indirect, False, overflow)


def test_a_named_map_is_a_map(program: GoProgram) -> None:
    """A type that is declared as a map has the layout of the map that it is."""
    assert program.map_layout("net/http.Header") == program.map_layout("map[string][]string")


def test_groups_of_keys_and_elements_apart() -> None:
    """GOEXPERIMENT=mapsplitgroup: eight keys, then eight elements."""
    described = struct.pack("<6QI4x", 8 + 8 * 16 + 8 * 24, 8, 16, 8 + 8 * 16, 24, 0, 8)

    layout = maps.chosen((1, 27), "go1.27 X:mapsplitgroup").read(described)

    assert layout == MapLayout(328, 8, 16, 136, 24, False, True)


@pytest.mark.parametrize(
    ("version", "toolchain", "since"),
    [
        ((1, 28), "go1.28.1", (1, 27)),
        ((1, 26), "go1.26.6", (1, 24)),
        ((1, 25), "go1.25.5 X:noswissmap", (1, 18)),
        ((1, 23), "go1.23.9", (1, 18)),
    ],
    ids=["1.28", "1.26", "1.25-noswissmap", "1.23"],
)
def test_format_by_version(
    version: tuple[int, int], toolchain: str, since: tuple[int, int]
) -> None:
    """The newest format that is not newer than the toolchain; without Swiss maps the old one."""
    assert maps.chosen(version, toolchain).since == since
