"""The binaries that are probed: each file once, however many processes run it.

Attaching and detaching are done by one thread a file; who asks for the file meanwhile waits. Probes
go as soon as nobody runs the file: it may be written to then, and a probe in the middle of another
program's instruction would break that. Who writes to it waits for that, where leases are to be had.
"""

import logging
import threading
from collections import Counter, OrderedDict, deque
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import BinaryIO

from nodeagent.binary.errors import BinaryError, Reason
from nodeagent.kernel.compiler import Loaded
from nodeagent.kernel.errors import KernelError
from nodeagent.kernel.leases import NO_LEASE, Lease, hold
from nodeagent.kernel.maps import Map
from nodeagent.kernel.uprobes import Uprobe, attach
from nodeagent.probes.plan import Attachment
from nodeagent.probes.probe import Probe
from nodeagent.probes.program import number
from nodeagent.tracing.plans import Planned, Plans
from nodeagent.tracing.process import FileId, file_id

_log = logging.getLogger(__name__)

_DETACHING = 8
"""Threads at most: the kernel takes a tenth of a second for each probe, most of it waiting."""
_SETTLED = 1024


@dataclass(frozen=True, slots=True)
class Binary:
    """A probed file: its number in the kernel's map, and what is off for it and why."""

    number: int
    file: FileId
    version: str
    off: Mapping[str, str]
    uprobes: tuple[Uprobe, ...] = ()
    lease: Lease = NO_LEASE

    def release(self) -> None:
        """Take its probes out, then let others write to it."""
        _detach(self.uprobes)
        self.lease.release()


class Full(Exception):  # noqa: N818 - a limit, no error
    """There are as many binaries already as the kernel's map has room for."""


class Binaries:
    """Attaches probes to files. Safe for use by several threads."""

    def __init__(self, probes: Sequence[Probe], loaded: Loaded, fields: Map, room: int) -> None:
        self._plans = Plans(probes, loaded.refused)
        self._programs = loaded.programs
        self._fields = fields
        self._free = list(reversed(range(room)))
        self._known: dict[FileId, Binary] = {}
        self._users: dict[FileId, int] = {}
        self._settled: OrderedDict[FileId, Binary | BinaryError] = OrderedDict()
        """Files that nothing is attached to: most that containers run are no programs of Go's."""
        self._leaving: deque[Binary] = deque()
        self._busy: set[FileId] = set()
        self._changed = threading.Condition()
        self._detacher: threading.Thread | None = None

    def __len__(self) -> int:
        return len(self._known)

    def off(self) -> Counter[tuple[str, str]]:
        """How many files a probe is off for, by its name and why."""
        with self._changed:
            return Counter(pair for one in self._known.values() for pair in one.off.items())

    def known(self, file: BinaryIO) -> Binary | None:
        """The binary of an open file if it is probed now, with one more user.

        Raises BinaryError where it is known that it cannot be.
        """
        key = file_id(file)
        with self._changed:
            return self._used(key)

    def of(self, file: BinaryIO) -> Binary:
        """The binary of an open file, probed, with one more user.

        Raises BinaryError, KernelError or Full. Where every probe is off nothing has to be dropped.
        """
        key = file_id(file)
        with self._changed:
            self._changed.wait_for(lambda: key not in self._busy)
            known = self._used(key)
            if known is not None:
                return known
            self._busy.add(key)
        try:
            binary = self._attach(file, key)
        finally:
            with self._changed:
                self._busy.discard(key)
                self._changed.notify_all()
        return binary

    def drop(self, binary: Binary) -> None:
        """Have one user less. With the last one the probes go, in the background."""
        with self._changed:
            left = self._users.get(binary.file, 0) - 1
            if left < 0:
                return
            self._users[binary.file] = left
            if left:
                return
            del self._known[binary.file], self._users[binary.file]
            self._busy.add(binary.file)
            self._leaving.append(binary)
            if self._detacher is None:
                self._detacher = threading.Thread(target=self._work, name="detach", daemon=True)
                self._detacher.start()

    def close(self) -> None:
        """Take all probes out, on this thread."""
        with self._changed:
            self._changed.wait_for(lambda: self._detacher is None)
            left = list(self._known.values())
            self._known.clear()
            self._users.clear()
        _detach([uprobe for binary in left for uprobe in binary.uprobes])
        for binary in left:
            binary.lease.release()

    def _used(self, key: FileId) -> Binary | None:
        if (settled := self._settled.get(key)) is not None:
            self._settled.move_to_end(key)
            if isinstance(settled, BinaryError):
                raise settled.with_traceback(None)
            return settled
        binary = self._known.get(key)
        if binary is not None:
            self._users[key] += 1
        return binary

    def _settle(self, key: FileId, what: Binary | BinaryError) -> None:
        with self._changed:
            self._settled[key] = what
            while len(self._settled) > _SETTLED:
                self._settled.popitem(last=False)

    def _attach(self, file: BinaryIO, key: FileId) -> Binary:
        lease = hold(file)  # before it is read: what is probed has to be what was read
        binary = None
        try:
            planned = self._planned(file, key)
            if not planned.plan.attachments:
                nothing = Binary(-1, key, planned.version, planned.plan.off)
                self._settle(key, nothing)
                return nothing
            binary = self._probed(file, key, planned, lease)
        finally:
            if binary is None:
                lease.release()
        with self._changed:
            self._known[key] = binary
            self._users[key] = 1
        return binary

    def _planned(self, file: BinaryIO, key: FileId) -> Planned:
        try:
            planned = self._plans.of(file)
        except BinaryError as error:
            if error.reason is not Reason.UNREADABLE:  # another time it may be
                self._settle(key, error)
            raise
        now = file_id(file)
        if (now.size, now.modified) != (key.size, key.modified):
            raise BinaryError(Reason.UNREADABLE, "it was written to meanwhile")
        return planned

    def _probed(self, file: BinaryIO, key: FileId, planned: Planned, lease: Lease) -> Binary:
        slot, what = self._slot(), planned.plan
        try:
            self._fields.put(number(slot), what.fields)
            uprobes = self._attach_all(file, what.attachments)
        except KernelError:
            with self._changed:
                self._free.append(slot)
            raise
        return Binary(slot, key, planned.version, what.off, uprobes, lease)

    def _slot(self) -> int:
        """A free number, waited for where one will be free. Raises Full."""
        with self._changed:
            self._changed.wait_for(lambda: self._free or self._detacher is None)
            if not self._free:
                raise Full(f"{len(self._known)} binaries are traced: there is no room for more")
            return self._free.pop()

    def _attach_all(self, file: BinaryIO, attachments: Sequence[Attachment]) -> tuple[Uprobe, ...]:
        # By the open file and not by its path: that may name another file by now, or none.
        path = f"/proc/self/fd/{file.fileno()}"
        made: list[Uprobe] = []
        try:
            for place in attachments:
                uprobe = attach(self._programs[place.program], path, place.offset)
                made.append(uprobe)
        except KernelError:
            _detach(made)
            raise
        return tuple(made)

    def _work(self) -> None:
        while (binary := self._next()) is not None:
            try:
                binary.release()
            except Exception:  # noqa: BLE001 - others wait for this thread
                _log.exception("probes may be left in a file")
            with self._changed:
                self._busy.discard(binary.file)
                self._free.append(binary.number)
                self._changed.notify_all()

    def _next(self) -> Binary | None:
        with self._changed:
            if self._leaving:
                return self._leaving.popleft()
            self._detacher = None
            self._changed.notify_all()
            return None


def _detach(uprobes: Sequence[Uprobe]) -> None:
    if not uprobes:
        return
    with ThreadPoolExecutor(min(_DETACHING, len(uprobes)), "detach") as pool:
        list(pool.map(Uprobe.detach, uprobes))
