"""BPF programs from their C text: compiled and loaded by bcc in a child, see bcc_child."""

import json
import mmap
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nodeagent.kernel.errors import CompilerError

HEADERS = Path(__file__).with_name("headers")

_CHILD = Path(__file__).with_name("bcc_child.py")
_NO_BCC = 3
PYTHONS = (sys.executable, "/usr/bin/python3")
"""Interpreters that are asked for bcc, one after the other."""
NO_COMPILER = (
    "bcc is missing: install it for the distribution's own Python (Debian, Ubuntu: apt-get install"
    " python3-bpfcc)"
)
_SECONDS = 180  # where others keep the processors busy
_DESCRIPTORS = 250  # the kernel passes at most 253 at once
_LINES = 12
UPROBE = "KPROBE"  # to the kernel they are the same type


@dataclass(frozen=True, slots=True)
class Loaded:
    """File descriptors, by name, of what the kernel took: programs and maps live with them.

    `refused` has what was said of programs that it did not take.
    """

    programs: Mapping[str, int]
    maps: Mapping[str, int]
    refused: Mapping[str, str] = field(default_factory=dict)

    def close(self) -> None:
        """Let go of everything: attached programs stay until their probes are detached."""
        for descriptor in (*self.programs.values(), *self.maps.values()):
            with suppress(OSError):
                os.close(descriptor)


def load(  # noqa: PLR0913 - a question with its parts
    source: str,
    programs: Sequence[str] | Mapping[str, str],
    maps: Sequence[str],
    *,
    optional: Collection[str] = (),
    defines: Mapping[str, int] | None = None,
    pythons: Sequence[str] = PYTHONS,
) -> Loaded:
    """Compile the text and load these functions of it, with these maps. Raises CompilerError.

    Functions are for uprobes, where `programs` does not say bcc's name of another type for each
    (`RAW_TRACEPOINT`). Kernels differ in what they take: the `optional` ones may be refused, but
    not all that there are.
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
            return _checked(answer, kinds, optional)
    raise CompilerError(f"{NO_COMPILER}; looked in {', '.join(dict.fromkeys(pythons))}")


def _checked(answer: "_Answer", programs: Collection[str], optional: Collection[str]) -> Loaded:
    found, refused = answer.descriptors, answer.refused
    loaded = Loaded(
        {name: number for name, number in found.items() if name in programs},
        {name: number for name, number in found.items() if name not in programs},
        refused,
    )
    missed = [name for name in refused if name not in optional or not loaded.programs]
    if missed:
        loaded.close()
        raise CompilerError("\n".join([refused[missed[0]], *answer.complaints]))
    return loaded


@dataclass(frozen=True, slots=True)
class _Answer:
    """Descriptors by name, what was said of programs that are not there, what else was said."""

    descriptors: Mapping[str, int]
    refused: Mapping[str, str]
    complaints: Sequence[str]


def _ask(python: str, question: bytes) -> _Answer | None:
    """What was loaded; None where this Python has no bcc. Raises CompilerError."""
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
                start_new_session=True,  # a terminal's Ctrl-C is for us, who end it in the end
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


def _read(said: bytes, descriptors: list[int], complaints: str) -> _Answer:
    answer: dict[str, Any] = json.loads(said) if said else {"error": "the compiler broke off"}
    first = complaints.strip().splitlines()[:_LINES]
    if "error" in answer:
        raise CompilerError("\n".join([answer["error"], *first]))
    found = dict(zip(answer["names"], descriptors, strict=True))
    return _Answer(found, answer["refused"], first)
