"""What a program is by its first bytes: machine code, a script, or something else."""

import re
from dataclasses import dataclass

from webhook.commandline.script import LONGEST as LONGEST_SCRIPT
from webhook.images.layers import golang
from webhook.images.layers.elf import MAGIC, Header
from webhook.images.layers.golang import Build
from webhook.model import Libc

HEAD = 32 << 10
"""Bytes of any program that are looked at."""
ENTRY_HEAD = 128 << 10
"""Bytes of one that has the entry program's name: .NET's hosts are 70 KiB, strings at their end."""
FARTHEST = 8 << 20
"""Bytes that are read of a program for what stands in its data: the most that a reader gives."""

_LINE = 256  # Linux reads so much of a `#!` line
_PACKED = b"UPX!"
_PACKED_WITHIN = 512
SHELLS = frozenset(("sh", "bash", "ash", "dash", "zsh", "ksh", "mksh", "rbash"))
# Vault: `#!/usr/bin/dumb-init /bin/sh`; services of s6: `#!/command/with-contenv sh`.
_PASSED = frozenset(("env", "dumb-init", "tini", "with-contenv"))
_VIRTUAL_MACHINES = ("__svm_version_info", "__svm_vm_is_static_binary")
_AHEAD = "DotNetRuntimeDebugHeader"
_BUNDLE_MARK = "DotNetRuntimeInfo"
BUNDLE = "a bundle with its runtime"
_HOST = b"hostfxr_main_"
_LIBC = re.compile(r"/ld-(?:(musl)-|linux)")
_RUNTIME = re.compile(r"lib(?:python[23]|jvm|node|coreclr|mono|ruby|perl|php)[\w.-]*")


@dataclass(frozen=True, slots=True)
class Binary:
    """A program of machine code.

    `ahead` says which compiler made it ahead of time of a language of ours; `dotnet` by which sign
    it is a host of .NET. `libraries` are those of runtimes that it is linked with, as far as they
    could be read.
    """

    machine: str = ""
    is_static: bool = False
    interpreter: str | None = None
    libraries: tuple[str, ...] = ()
    go: Build | None = None
    ahead: str | None = None
    dotnet: str | None = None
    is_packed: bool = False

    @property
    def libc(self) -> Libc | None:
        """The C library that loads it."""
        match = _LIBC.search(self.interpreter or "")
        return ("musl" if match[1] else "glibc") if match else None


@dataclass(frozen=True, slots=True)
class Script:
    """A script: the words behind `#!`, none without such a line. `text`: the whole of a shell's."""

    words: tuple[str, ...] = ()
    text: str | None = None

    @property
    def is_shell(self) -> bool:
        """Whether a shell reads it; without `#!` that is who tries."""
        words = [word.rpartition("/")[2] for word in self.words]
        name = next((w for w in words if w not in _PASSED and w[:1] != "-"), "sh")
        return name in SHELLS


@dataclass(frozen=True, slots=True)
class Opaque:
    """Neither: data, or bytes that make no sense."""


Content = Binary | Script | Opaque


def read(head: bytes, size: int) -> Content:
    """What a file of `size` bytes is, by its first ones. Never raises."""
    if head[:4] == MAGIC:
        try:
            return _binary(head, Header(head))
        except ValueError:
            return Opaque()
    if head[:2] == b"#!" or _is_text(head):
        return _script(head, size)
    return Opaque()


def more(head: bytes, size: int, content: Content, *, is_entry: bool = True) -> int:
    """How many of a file's first bytes would tell more than these do; 0 where none would.

    Of programs that only might be started, unlike the entry, Go's alone are worth a long read.
    """
    wanted = 0
    if isinstance(content, Script) and content.is_shell and size <= LONGEST_SCRIPT:
        wanted = size
    elif isinstance(content, Binary) and _may_tell(content, is_entry=is_entry):
        wanted = min(golang.reach(Header(head)), size)
    return wanted if len(head) < wanted <= FARTHEST else 0


def _may_tell(binary: Binary, *, is_entry: bool) -> bool:
    """Whether what stands in its data may tell more: Go's version, or that it is Go's at all."""
    if binary.go is not None:
        return binary.go.version is None
    return is_entry and not (binary.is_packed or binary.ahead or binary.dotnet)


def _binary(head: bytes, header: Header) -> Binary:
    tables = header.tables_end
    build = golang.build(head, header)
    # Programs that look for these symbols in others have them as strings: Go's own mark goes first.
    compiler = None if build else _compiler(header)
    return Binary(
        machine=header.machine,
        is_static=not header.needs_interpreter,
        interpreter=header.interpreter,
        libraries=tuple(name for name in header.libraries if _RUNTIME.match(name))[:4],
        go=build,
        ahead=compiler,
        dotnet=None if build or compiler else _dotnet(head, header),
        is_packed=_PACKED in head[tables : tables + _PACKED_WITHIN],
    )


def _compiler(header: Header) -> str | None:
    if ".svm_heap" in header.sections or header.names(*map(str.encode, _VIRTUAL_MACHINES)):
        return "GraalVM"
    if header.names(_AHEAD.encode()):
        return ".NET's native AOT"
    return None


def _dotnet(head: bytes, header: Header) -> str | None:
    """By the names under which a host calls the runtime, or has it built in."""
    if header.names(_BUNDLE_MARK.encode()):
        return BUNDLE
    return "a host of the runtime" if _HOST in head else None


def _script(head: bytes, size: int) -> Script:
    line, _, _ = head[: _LINE + 2].partition(b"\n")
    words: tuple[str, ...] = ()
    if line[:2] == b"#!":
        # All behind the first blank is one argument to the kernel; `env -S` splits it as we do.
        words = tuple(line[2:].decode(errors="replace").split())
    script = Script(words)
    if not script.is_shell or len(head) < size or size > LONGEST_SCRIPT:
        return script
    return Script(words, head.decode(errors="replace"))


def _is_text(head: bytes) -> bool:
    return bool(head) and b"\0" not in head[:_LINE] and head[:2] != b"PK"
