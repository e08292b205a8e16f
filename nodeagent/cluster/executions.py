"""Processes that begin to run a program, and processes that end, as the kernel passes them."""

import mmap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from struct import Struct

from nodeagent.kernel.compiler import load
from nodeagent.kernel.errors import CompilerError, KernelError
from nodeagent.kernel.maps import Map
from nodeagent.kernel.ringbuffer import RingBuffer
from nodeagent.kernel.tracepoints import Tracepoint, attach

_RECORD = Struct("=II")
_ENDED = 1
_BYTES = 256 << 10  # 16,000 of them between two looks
_TRACEPOINTS = {"on_exec": "sched_process_exec", "on_exit": "sched_process_exit"}


@dataclass(frozen=True, slots=True)
class Execution:
    """A process by number: it began to run a program, or it ended."""

    pid: int
    ended: bool


class Executions:
    """Tells of all processes of the machine. Raises CompilerError where that cannot be."""

    def __init__(self, size: int = _BYTES) -> None:
        """Attach; `size` is that of the buffer between the kernel and us, a power of two."""
        self._loaded = load(
            Path(__file__).with_name("executions.bpf.c").read_text(),
            dict.fromkeys(_TRACEPOINTS, "RAW_TRACEPOINT"),
            ("executions", "untold"),
            defines={"PAGES": size // mmap.PAGESIZE},
        )
        self._untold = Map(self._loaded.maps["untold"], 4, 8)
        self._tracepoints: list[Tracepoint] = []
        try:
            self._records = RingBuffer(self._loaded.maps["executions"], size)
            for program, name in _TRACEPOINTS.items():
                self._tracepoints.append(attach(self._loaded.programs[program], name))
        except (OSError, KernelError) as error:
            self._let_go()
            raise CompilerError(str(error)) from error

    def read(self) -> Iterator[Execution]:
        """What happened since the last call, oldest first."""
        for record in self._records.records():
            pid, what = _RECORD.unpack(record)
            yield Execution(pid, what == _ENDED)

    def untold(self) -> int:
        """How many were not told since the start: the buffer was full."""
        return int.from_bytes(self._untold.get(bytes(4)) or b"", "little")

    def close(self) -> None:
        """Let go of everything in the kernel."""
        self._records.close()
        self._let_go()

    def _let_go(self) -> None:
        for tracepoint in self._tracepoints:
            tracepoint.detach()
        self._loaded.close()
