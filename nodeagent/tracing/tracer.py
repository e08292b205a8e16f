"""The kernel's side of tracing, as a whole: which processes are traced, and what they did."""

import logging
import mmap
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, TypeAlias

from nodeagent.kernel.compiler import UPROBE, Loaded, load
from nodeagent.kernel.errors import CompilerError, KernelError
from nodeagent.kernel.maps import Map
from nodeagent.kernel.ringbuffer import RingBuffer
from nodeagent.kernel.uprobes import attach_nowhere
from nodeagent.probes import PROBES, record
from nodeagent.probes.layout import pack
from nodeagent.probes.probe import Probe
from nodeagent.probes.program import (
    COUNTERS,
    MAPS,
    PROCESS,
    Limits,
    defines,
    functions,
    number,
    text,
    threshold,
)
from nodeagent.propagation.attaching import attach, constants
from nodeagent.propagation.way import Way
from nodeagent.tracing.binaries import Binaries, Binary
from nodeagent.tracing.process import Process

_log = logging.getLogger(__name__)

_KIND = 8  # bytes at the begin of a record that say whose it is

Ratio: TypeAlias = float | Callable[[], float]
"""The part of the traces that begin in a process; where it is asked for, only of programs of Go's.

What asking raises is passed on, and the process is not traced.
"""


@dataclass(frozen=True, slots=True)
class Event:
    """What a probe saw: its value is what the probe's `read` makes."""

    probe: Probe
    value: Any


class Tracer:
    """Traces processes by number. Safe for use by several threads, but `events` by one alone.

    Raises CompilerError where there is no bcc, or the kernel refuses the programs or to attach any.
    With a `way` traces are passed on to who is called.
    """

    def __init__(
        self,
        probes: Sequence[Probe] = PROBES,
        limits: Limits | None = None,
        way: Way | None = None,
    ) -> None:
        limits = limits or Limits()
        self._probes = probes = (*probes, *way.probes) if way else probes
        self._loaded = _load(probes, limits, way)
        maps = self._loaded.maps
        self._processes = Map(maps["processes"], 4, PROCESS.size)
        self._counters = Map(maps["counters"], 4, 8)
        fields = Map(maps["binaries"], 4, len(pack(probes, {})))
        self._binaries = Binaries(probes, self._loaded, fields, limits.binaries)
        self._traced: dict[int, Binary] = {}
        self._lock = threading.Lock()
        try:
            with ExitStack() as opened:
                opened.callback(self._loaded.close)
                self._events = _events(maps["events"], limits.events)
                opened.callback(self._events.close)
                _try_out(self._loaded, functions(probes))
                self._links = attach(way, self._loaded) if way else ()
                opened.pop_all()  # from here on that is for `close`
        except KernelError as error:
            raise CompilerError(str(error)) from error

    def trace(self, process: Process, ratio: Ratio = 1.0) -> Binary:
        """Trace a process from now on, this part of the traces that begin in it.

        Raises ProcessGone, BinaryError, KernelError or Full. Where every probe is off for the
        binary, the process is not traced: see `Binary.off`.
        """
        with process.executable() as file:
            binary = self._binaries.of(file)
        return self._follow(process, binary, ratio)

    def trace_known(self, process: Process, ratio: Ratio = 1.0) -> Binary | None:
        """As `trace`, where the binary is probed already; None where it is not, and soon done.

        Raises ProcessGone or KernelError.
        """
        with process.executable() as file:
            binary = self._binaries.known(file)
        return None if binary is None else self._follow(process, binary, ratio)

    def forget(self, pid: int) -> None:
        """Trace a process no longer. Its binary's probes go with the last of its processes."""
        with self._lock:
            binary = self._traced.pop(pid, None)
            if binary is not None:
                self._processes.delete(number(pid))
        if binary is not None:
            self._binaries.drop(binary)

    @property
    def binaries(self) -> int:
        """How many binaries are probed."""
        return len(self._binaries)

    def off(self) -> Mapping[tuple[str, str], int]:
        """How many probed binaries a probe is off for, by its name and why."""
        return self._binaries.off()

    @property
    def fill(self) -> float:
        """How full the buffer of events is, from 0 to 1."""
        return self._events.fill

    def _follow(self, process: Process, binary: Binary, ratio: Ratio) -> Binary:
        try:
            kept = threshold(ratio() if callable(ratio) else ratio)
        except BaseException:
            self._binaries.drop(binary)
            raise
        if not binary.uprobes:
            return binary
        value = PROCESS.pack(binary.number, kept)
        with self._lock:
            before = self._traced.get(process.pid)
            try:
                self._processes.put(number(process.pid), value)
                self._traced[process.pid] = binary
            except KernelError:
                before = binary
                raise
            finally:
                if before is not None:
                    self._binaries.drop(before)
        return binary

    def events(self) -> Iterator[Event]:
        """What happened since the last call, oldest first."""
        for data in self._events.records():
            probe = self._probes[int.from_bytes(data[:_KIND], "little") - 1]
            yield Event(probe, probe.read(record.read(data)))

    def counters(self) -> dict[str, int]:
        """What the kernel's side counted since the start, see nodeagent.probes.program."""
        values = (self._counters.get(number(index)) for index in range(len(COUNTERS)))
        return {
            name: int.from_bytes(value or b"", "little")
            for name, value in zip(COUNTERS, values, strict=True)
        }

    def close(self) -> None:
        """Let go of everything in the kernel, on this thread."""
        for link in self._links:
            link.detach()
        self._traced.clear()
        self._binaries.close()
        self._events.close()
        self._loaded.close()


def _events(descriptor: int, size: int) -> RingBuffer:
    """Raises KernelError where there is no memory for it."""
    try:
        return RingBuffer(descriptor, size)
    except OSError as error:
        raise KernelError(f"ring buffer: {error.strerror}") from error


def _try_out(loaded: Loaded, names: Iterable[str]) -> None:
    """Raises KernelError where no file at all can be probed: else each program would say so."""
    program = next((loaded.programs[name] for name in names if name in loaded.programs), None)
    if program is not None:
        attach_nowhere(program)


def _load(probes: Sequence[Probe], limits: Limits, way: Way | None) -> Loaded:
    kinds = dict.fromkeys(functions(probes), UPROBE) | dict(way.programs if way else {})
    maps = (*MAPS, *way.maps) if way else MAPS
    try:
        constants_ = defines(probes, limits, mmap.PAGESIZE) | (constants(way) if way else {})
        # A probe that this kernel does not take is off; without a way's first there is another way.
        optional = functions(probe for probe in probes if not way or probe is not way.probes[0])
        loaded = load(text(probes), kinds, maps, optional=optional, defines=constants_)
    except KernelError as error:  # another kind of machine
        raise CompilerError(str(error)) from error
    for name, why in loaded.refused.items():
        _log.warning("this kernel refuses %s: %s", name, why)
    return loaded
