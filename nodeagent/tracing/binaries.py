"""The binaries that are probed: each file once, however many processes run it."""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from nodeagent.binary.program import read
from nodeagent.kernel.errors import KernelError
from nodeagent.kernel.maps import Map
from nodeagent.kernel.uprobes import Uprobe, attach
from nodeagent.probes.plan import Attachment, plan
from nodeagent.probes.probe import Probe
from nodeagent.probes.program import number
from nodeagent.tracing.process import FileId, file_id


@dataclass(frozen=True, slots=True)
class Binary:
    """A probed file: its number in the kernel's map, and what is off for it and why."""

    number: int
    file: FileId
    version: str
    off: Mapping[str, str]
    uprobes: tuple[Uprobe, ...] = ()


class Full(Exception):  # noqa: N818 - a limit, no error
    """There are as many binaries already as the kernel's map has room for."""


class Binaries:
    """Attaches probes to files. Not safe for use by several threads."""

    def __init__(
        self, probes: Sequence[Probe], programs: Mapping[str, int], fields: Map, room: int
    ) -> None:
        self._probes = probes
        self._programs = programs
        self._fields = fields
        self._free = list(reversed(range(room)))
        self._known: dict[FileId, Binary] = {}

    def of(self, file: BinaryIO) -> Binary:
        """The binary of an open file, probed. Raises BinaryError, KernelError or Full."""
        key = file_id(file)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._attach(file, key)
        return known

    def drop(self, binary: Binary) -> None:
        """Take the probes out, on a thread: it takes the kernel a tenth of a second for each."""
        if self._known.pop(binary.file, None) is not None:
            self._free.append(binary.number)
            threading.Thread(target=_detach, args=(binary.uprobes,), daemon=True).start()

    def _attach(self, file: BinaryIO, key: FileId) -> Binary:
        program = read(file)
        what = plan(program, self._probes)
        if not what.attachments:
            return Binary(-1, key, program.version, what.off)
        if not self._free:
            raise Full(f"{len(self._known)} binaries are traced: there is no room for more")
        slot = self._free.pop()
        try:
            self._fields.put(number(slot), what.fields)
            uprobes = self._attach_all(file, what.attachments)
        except KernelError:
            self._free.append(slot)
            raise
        return Binary(slot, key, program.version, what.off, uprobes)

    def _attach_all(self, file: BinaryIO, attachments: Sequence[Attachment]) -> tuple[Uprobe, ...]:
        # By the open file and not by its path: that may name another file by now, or none.
        path = f"/proc/self/fd/{file.fileno()}"
        made: list[Uprobe] = []
        try:
            for place in attachments:
                uprobe = attach(self._programs[place.program], path, place.offset)
                made.append(uprobe)
        except KernelError:
            _detach(tuple(made))
            raise
        return tuple(made)


def _detach(uprobes: Sequence[Uprobe]) -> None:
    for uprobe in uprobes:
        uprobe.detach()
