"""Leases of files: who opens a leased file to write to it waits until the lease is given back.

The kernel takes a lease away that was not given back within fs.lease-break-time, 45 s. While a
process runs a file nobody may write to it anyway, lease or not, and nobody waits (ETXTBSY).
"""

import contextlib
import fcntl
import os
import signal
from dataclasses import dataclass
from typing import BinaryIO

from nodeagent.kernel.filesystems import is_fuse, is_overlay

_NONE = -1


@dataclass(frozen=True, slots=True)
class Lease:
    """A lease, or none where none is to be had."""

    descriptor: int = _NONE

    @property
    def held(self) -> bool:
        """Whether it is one."""
        return self.descriptor != _NONE

    def release(self) -> None:
        """Give it back, once: who waits to write goes on."""
        if self.held:
            with contextlib.suppress(OSError):
                fcntl.fcntl(self.descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
            with contextlib.suppress(OSError):  # a server that is gone says so here; it is closed
                os.close(self.descriptor)


NO_LEASE = Lease()


def hold(file: BinaryIO) -> Lease:
    """A lease of an open file, for which its owner or the capability LEASE is needed.

    None on an overlay: there a file has a lease in each container, and the writer in one would wait
    for processes in another. None on FUSE: giving it back may wait for a program that is gone.
    None where the file system knows no leases, or somebody writes to it.
    """
    descriptor = os.dup(file.fileno())
    try:
        if not is_overlay(descriptor) and not is_fuse(descriptor):
            # That somebody waits is told by a signal: SIGIO, which would end us. This one is
            # ignored: a lease is given back when nobody runs the file, whoever waits.
            fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)
            fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
            return Lease(descriptor)
    except OSError:
        pass
    os.close(descriptor)
    return NO_LEASE
