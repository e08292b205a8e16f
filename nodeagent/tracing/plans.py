"""Plans by what is in a file: many files are the same program, and a large one takes a second.

Not by the build's ID: that is whatever a file says, and a plan that was made for another program
puts probes into the middle of instructions.
"""

import hashlib
import os
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from nodeagent.binary.program import GoProgram, read
from nodeagent.probes.plan import Plan, plan
from nodeagent.probes.probe import Probe

_MOST = 256
_LARGEST = 1 << 30
"""Bytes of a file that are read to know it again; a file may have holes without end."""


@dataclass(frozen=True, slots=True)
class Planned:
    """What is to be done with a program, and its version of Go."""

    plan: Plan
    version: str


class Plans:
    """What is to be done with binaries, the last so many kept. Safe for use by several threads."""

    def __init__(
        self,
        probes: Sequence[Probe],
        refused: Mapping[str, str] | None = None,
        most: int = _MOST,
    ) -> None:
        self._probes = probes
        self._refused = refused
        self._most = most
        self._kept: OrderedDict[bytes, Planned] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, file: BinaryIO) -> Planned:
        """The plan for an open file. Raises BinaryError when it is no program of Go's."""
        program = read(file)  # first: most files are refused at a glance
        if os.fstat(file.fileno()).st_size > _LARGEST:
            return self._made(program)
        file.seek(0)
        key = hashlib.file_digest(file, "sha256").digest()  # type: ignore[arg-type]  # it is a file
        with self._lock:
            if (known := self._kept.get(key)) is not None:
                self._kept.move_to_end(key)
                return known
        made = self._made(program)
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return made

    def _made(self, program: GoProgram) -> Planned:
        return Planned(plan(program, self._probes, self._refused), program.version)
