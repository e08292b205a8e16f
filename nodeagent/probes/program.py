"""The one BPF program of all probes: its text, and what it is loaded with."""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from struct import Struct

from nodeagent.probes.layout import names
from nodeagent.probes.probe import Probe
from nodeagent.probes.record import SIZE

PROCESS = Struct("=IxxxxQ")
"""`struct process`: the number of its binary, and the threshold below which a trace is sampled."""

COUNTERS = ("lost", "replaced", "untracked", "unread", "unbegun", "unsearched")
"""What the programs count, in the order of `enum counter`."""

MAPS = ("processes", "binaries", "counters", "events")

_SHARED = ("go.bpf.h", "headers.bpf.h", "trace_context.bpf.h", "records.bpf.h", "types.bpf.h")

EVERY_TRACE = 1 << 63
"""The threshold that samples everything."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much the kernel's side holds; `events` is in bytes, a power of two."""

    processes: int = 4096
    binaries: int = 512
    requests: int = 16384
    events: int = 8 << 20


def text(probes: Sequence[Probe]) -> str:
    """The C text."""
    members = " ".join(f"u32 {name};" for name in names(probes))
    shared = "\n".join(Path(__file__).with_name(name).read_text() for name in _SHARED)
    return "\n".join([shared.replace("BINARY_FIELDS", members), *(probe.text for probe in probes)])


def defines(probes: Sequence[Probe], limits: Limits, page_size: int) -> dict[str, int]:
    """The constants that the text leaves open."""
    return {
        "MAX_PROCESSES": limits.processes,
        "MAX_BINARIES": limits.binaries,
        "MAX_REQUESTS": limits.requests,
        "EVENT_PAGES": limits.events // page_size,
        "RECORD_SIZE": SIZE,
        **{probe.constant: number for number, probe in enumerate(probes, 1)},
        **{f"{probe.constant}_SIZE": probe.facts.size for probe in probes},
    }


def functions(probes: Iterable[Probe]) -> tuple[str, ...]:
    """The names of the programs in it."""
    return tuple(dict.fromkeys(hook.program for probe in probes for hook in probe.hooks))


def threshold(ratio: float) -> int:
    """The threshold that samples this part of the new traces, from 0 to 1."""
    return min(EVERY_TRACE, max(0, round(ratio * EVERY_TRACE)))


def number(value: int) -> bytes:
    """A key of the maps: the number of a process, a binary or a counter."""
    return value.to_bytes(4, sys.byteorder)
