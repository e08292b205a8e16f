"""BPF programs from their C text: compiled and loaded by bcc in a child, see bcc_child."""

import json
import mmap
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from nodeagent.kernel.errors import CompilerError

HEADERS = Path(__file__).with_name("headers")

_CHILD = Path(__file__).with_name("bcc_child.py")
_NO_BCC = 3
_PYTHONS = (sys.executable, "/usr/bin/python3")
_SECONDS = 180  # where others keep the processors busy
_DESCRIPTORS = 250  # the kernel passes at most 253 at once
_LINES = 12
UPROBE = "KPROBE"  # to the kernel they are the same type


@dataclass(frozen=True, slots=True)
class Loaded:
    """File descriptors, by name, of what the kernel took: programs and maps live with them."""

    programs: Mapping[str, int]
    maps: Mapping[str, int]

    def close(self) -> None:
        """Let go of everything: attached programs stay until their probes are detached."""
        for descriptor in (*self.programs.values(), *self.maps.values()):
            with suppress(OSError):
                os.close(descriptor)


def load(
    source: str,
    programs: Sequence[str] | Mapping[str, str],
    maps: Sequence[str],
    *,
    defines: Mapping[str, int] | None = None,
    pythons: Sequence[str] = _PYTHONS,
) -> Loaded:
    """Compile the text and load these functions of it, with these maps. Raises CompilerError.

    Functions are for uprobes, where `programs` does not say bcc's name of another type for each
    (`RAW_TRACEPOINT`).
    """
    kinds = programs if isinstance(programs, Mapping) else dict.fromkeys(programs, UPROBE)
    values = {**(defines or {}), "SPANHOOK_PAGE_SIZE": mmap.PAGESIZE}
    flags = [f"-D{name}={value}" for name, value in values.items()]
    question = {
        "source": source,
        "flags": flags,
        "programs": list(kinds.items()),
        "maps": list(maps),
    }
    for python in dict.fromkeys(pythons):
        answer = _ask(python, json.dumps(question).encode())
        if answer is not None:
            return Loaded(
                {name: answer[name] for name in programs}, {name: answer[name] for name in maps}
            )
    raise CompilerError(
        "bcc is missing: install it for the distribution's own Python (Debian, Ubuntu:"
        f" apt-get install python3-bpfcc); looked in {', '.join(dict.fromkeys(pythons))}"
    )


def _ask(python: str, question: bytes) -> dict[str, int] | None:
    """Descriptors by name; None where this Python has no bcc. Raises CompilerError."""
    ours, theirs = socket.socketpair()
    with ours, theirs, tempfile.TemporaryFile() as complaints:
        ours.settimeout(_SECONDS)
        try:
            # Isolated: neither the environment's nor the working directory's modules come first.
            child = subprocess.Popen(  # noqa: S603
                [python, "-I", str(_CHILD)],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=complaints,
                env={**os.environ, "BCC_KERNEL_SOURCE": str(HEADERS)},
            )
        except OSError:
            return None
        theirs.close()
        with child:
            try:
                said, descriptors = _exchange(ours, question)
                child.wait(_SECONDS)
            except (TimeoutError, subprocess.TimeoutExpired) as error:
                raise CompilerError(f"no answer from the compiler for {_SECONDS} s") from error
            finally:
                child.kill()
        if child.returncode == _NO_BCC:
            return None
        complaints.seek(0)
        return _read(said, descriptors, complaints.read().decode(errors="replace"))


def _exchange(connection: socket.socket, question: bytes) -> tuple[bytes, list[int]]:
    with suppress(BrokenPipeError):  # it may be gone already; its exit code says why
        connection.sendall(question)
        connection.shutdown(socket.SHUT_WR)
    with suppress(ConnectionResetError):
        said, descriptors, _, _ = socket.recv_fds(connection, 1 << 16, _DESCRIPTORS)
        return said, descriptors
    return b"", []


def _read(said: bytes, descriptors: list[int], complaints: str) -> dict[str, int]:
    answer = json.loads(said) if said else {"error": "the compiler broke off"}
    if "error" in answer:
        first = complaints.strip().splitlines()[:_LINES]
        raise CompilerError("\n".join([answer["error"], *first]))
    return dict(zip(answer["names"], descriptors, strict=True))
