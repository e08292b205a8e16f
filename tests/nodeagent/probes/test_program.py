import re
from pathlib import Path

import pytest

import nodeagent.probes
from nodeagent.probes import PROBES
from nodeagent.probes.program import (
    COUNTERS,
    EVERY_TRACE,
    MAPS,
    PROCESS,
    Limits,
    defines,
    functions,
    number,
    text,
    threshold,
)

_FOLDER = Path(nodeagent.probes.__file__).parent


def test_every_text_is_part_of_the_program() -> None:
    """A file that no probe names, and that is not shared, would never be compiled."""
    whole = text(PROBES)

    for path in _FOLDER.glob("*.bpf.[ch]"):
        assert path.read_text().splitlines()[0] in whole


def test_every_function_and_map_is_in_the_text() -> None:
    """What is loaded by name is there under that name."""
    whole = text(PROBES)

    for name in functions(PROBES):
        assert re.search(rf"^int {name}\(struct pt_regs", whole, re.MULTILINE)
    for name in MAPS:
        assert re.search(rf"^BPF_\w+\({name}[,)]", whole, re.MULTILINE)


def test_counters_are_in_the_order_of_the_text() -> None:
    """A counter is found by its place."""
    body = re.search(r"enum counter \{(.*?)\}", text(PROBES), re.DOTALL)
    assert body is not None

    listed = re.findall(r"^\t([A-Z]+),", body[1], re.MULTILINE)

    assert [name.lower() for name in listed] == [*COUNTERS, "counters"]


def test_probes_are_numbered_from_one() -> None:
    """A record of zeros is nobody's."""
    values = defines(PROBES, Limits(), 4096)

    assert [values[probe.constant] for probe in PROBES] == list(range(1, len(PROBES) + 1))
    assert all(values[f"{probe.constant}_SIZE"] == probe.facts.size for probe in PROBES)


def test_sizes_follow_the_limits() -> None:
    """The ring buffer's size is given in pages."""
    values = defines(PROBES, Limits(processes=1, binaries=2, requests=3, events=1 << 20), 4096)

    assert values["EVENT_PAGES"] == 256
    assert (values["MAX_PROCESSES"], values["MAX_BINARIES"], values["MAX_REQUESTS"]) == (1, 2, 3)


@pytest.mark.parametrize(
    ("ratio", "expected"),
    [(0, 0), (0.5, EVERY_TRACE // 2), (1, EVERY_TRACE), (2, EVERY_TRACE), (-1, 0)],
)
def test_thresholds_are_parts_of_all(ratio: float, expected: int) -> None:
    """All traces at 1, none at 0."""
    assert threshold(ratio) == expected


def test_values_have_the_sizes_of_the_text() -> None:
    """Two words and a gap, and four bytes."""
    assert PROCESS.size == 16
    assert number(258) == (258).to_bytes(4, "little")
