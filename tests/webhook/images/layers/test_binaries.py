"""What first bytes of programs tell."""

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.webhook.images.layers.elves import NOTE_OF_GO, build_information, elf
from webhook.images.layers import content
from webhook.images.layers.content import Binary, Opaque, Script
from webhook.images.layers.elf import MAGIC, Header

SOUND = elf(
    interpreter="/lib/ld-musl-x86_64.so.1",
    note=NOTE_OF_GO,
    names=b"\0libpython3.12.so.1.0\0__svm_version_info\0",
    data=build_information(),
)


def read(data: bytes) -> content.Content:
    """The content of a file that is read as far as it is worth it."""
    head = data[: content.HEAD]
    found = content.read(head, len(data))
    while wanted := content.more(head, len(data), found):
        head = data[:wanted]
        found = content.read(head, len(data))
    return found


@pytest.mark.parametrize("wide", [True, False])
@pytest.mark.parametrize("order", ["<", ">"])
def test_layouts(wide: bool, order: str) -> None:
    """Both widths and both orders of bytes are read."""
    header = Header(elf(interpreter="/lib/ld-linux.so.2", machine=183, wide=wide, order=order))

    assert (header.machine, header.interpreter) == ("arm64", "/lib/ld-linux.so.2")


@pytest.mark.parametrize(
    ("interpreter", "libc"),
    [
        ("/lib/ld-musl-aarch64.so.1", "musl"),
        ("/lib64/ld-linux-x86-64.so.2", "glibc"),
        ("/lib/ld-linux-aarch64.so.1", "glibc"),
        ("/nix/store/x-glibc-2.40/lib/ld-linux-x86-64.so.2", "glibc"),
        ("/system/bin/linker64", None),
        (None, None),
    ],
)
def test_libc(interpreter: str | None, libc: str | None) -> None:
    """The loader's name tells the C library."""
    found = read(elf(interpreter=interpreter))

    assert isinstance(found, Binary)
    assert (found.libc, found.is_static) == (libc, interpreter is None)


def test_far_build_information() -> None:
    """Data that lies behind the first bytes is asked for, as far as a reader gives any."""
    near = read(elf(note=NOTE_OF_GO, data=build_information(), data_at=1 << 20))
    far = read(elf(note=NOTE_OF_GO, data=build_information(), data_at=9 << 20))

    assert isinstance(near, Binary)
    assert isinstance(far, Binary)
    assert near.go is not None
    assert far.go is not None
    assert (near.go.version, far.go.version) == ("1.26.1", None)


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("go1.22.3", "1.22.3"),
        ("go1.19", "1.19"),
        ("devel go1.27-abc", "1.27"),
        ("x", None),
        ("", None),
    ],
)
def test_versions_of_go(version: str, expected: str | None) -> None:
    """Releases and development builds are told apart from nonsense."""
    found = read(elf(data=build_information(version)))

    assert isinstance(found, Binary)
    assert found.go is not None
    assert found.go.version == expected


def test_old_build_information() -> None:
    """Before Go 1.18 there are addresses in its place: Go, of unknown version."""
    found = read(elf(data=b"\xff Go buildinf:\x08\x00".ljust(64, b"\1")))

    assert isinstance(found, Binary)
    assert found.go is not None
    assert found.go.version is None


def test_unaligned_magic() -> None:
    """Build information is aligned: programs that look for it have the same bytes as a string."""
    found = read(elf(data=b"xxxx" + build_information()))

    assert isinstance(found, Binary)
    assert found.go is None


def test_runtimes_that_are_linked() -> None:
    """Libraries of runtimes are named, others are not."""
    found = read(elf(interpreter="/x", names=b"\0libc.so.6\0libpython3.12.so.1.0\0"))

    assert isinstance(found, Binary)
    assert found.libraries == ("libpython3.12.so.1.0",)


def test_behind_code() -> None:
    """A name behind the code is a string of the program, not a symbol."""
    found = read(elf(interpreter="/x", data=b"\0DotNetRuntimeDebugHeader\0"))

    assert isinstance(found, Binary)
    assert found.ahead is None


@pytest.mark.skipif(shutil.which("gcc") is None, reason="no gcc")
def test_compiled_by_gcc(tmp_path: Path) -> None:
    """A real C program is a binary without the mark of any runtime."""
    source = tmp_path / "x.c"
    source.write_text("int main(void) { return 0; }\n")
    subprocess.run(["gcc", "-o", str(tmp_path / "x"), str(source)], check=True)
    data = (tmp_path / "x").read_bytes()
    found = read(data)

    assert isinstance(found, Binary)
    assert (found.go, found.ahead, found.dotnet, found.is_packed) == (None, None, None, False)
    assert found.libc is not None
    assert ".text" in Header(data).sections


@pytest.mark.skipif(shutil.which("go") is None, reason="no Go")
def test_compiled_by_go(tmp_path: Path) -> None:
    """A real Go program tells version and module, also when nothing but that is left in it."""
    (tmp_path / "go.mod").write_text("module example.com/orders\n\ngo 1.21\n")
    (tmp_path / "main.go").write_text("package main\n\nfunc main() {}\n")
    subprocess.run(
        ["go", "build", "-trimpath", "-ldflags=-s -w -buildid=", "-o", "x", "."],
        check=True,
        cwd=tmp_path,
        env={
            "PATH": _path(),
            "GOTOOLCHAIN": "local",
            "GOFLAGS": "-mod=mod",
            "CGO_ENABLED": "0",
            "HOME": str(tmp_path),
            "GOCACHE": _cache(tmp_path),
        },
    )
    found = read((tmp_path / "x").read_bytes())

    assert isinstance(found, Binary)
    assert found.go is not None
    assert found.go.path == "example.com/orders"
    assert (found.go.version or "").startswith("1.")


@pytest.mark.parametrize(
    ("data", "words", "text"),
    [
        (b"#!/bin/sh\necho\n", ("/bin/sh",), "#!/bin/sh\necho\n"),
        (b"#! /usr/bin/env bash\nx", ("/usr/bin/env", "bash"), "#! /usr/bin/env bash\nx"),
        (b"#!/usr/bin/env node\nx", ("/usr/bin/env", "node"), None),
        (b"#!/opt/venv/bin/python -u", ("/opt/venv/bin/python", "-u"), None),
        (b"echo x\n", (), "echo x\n"),
        (b"#!/bin/sh\n" + b"#" * 40_000, ("/bin/sh",), None),
    ],
)
def test_scripts(data: bytes, words: tuple[str, ...], text: str | None) -> None:
    """The first line says who reads a script; the text of a shell's is kept when it is whole."""
    assert read(data) == Script(words, text)


@pytest.mark.parametrize("data", [b"PK\3\4 archive", b"\0\1", b"\x7fELF", b"\x7fELF" + bytes(80)])
def test_others(data: bytes) -> None:
    """Archives, data and headers without sense are none of it."""
    assert read(data) == Opaque()


@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    """Any bytes are something, whatever they begin with."""
    for head in (data, MAGIC + data, b"#!" + data, MAGIC + b"\2\1" + data.ljust(64, b"\xff")):
        found = content.read(head, len(head))
        assert isinstance(found, Binary | Script | Opaque)
        assert content.more(head, 1 << 40, found) <= content.FARTHEST


@given(
    st.lists(st.tuples(st.integers(0, 0x700), st.integers(0, 255)), max_size=24),
    st.integers(0, 9000),
)
def test_damaged(changes: list[tuple[int, int]], length: int) -> None:
    """A damaged program is read without a fault."""
    data = bytearray(SOUND)
    for at, value in changes:
        data[at] = value
    found = content.read(bytes(data[:length]), len(data))

    assert content.more(bytes(data[:length]), len(data), found) <= content.FARTHEST


def _path() -> str:
    found = shutil.which("go")
    assert found is not None
    return f"{Path(found).parent}:/usr/bin:/bin"


def _cache(tmp_path: Path) -> str:
    """The machine's own cache of builds: the standard library takes a minute to compile."""
    known = subprocess.run(
        ["go", "env", "GOCACHE"],
        capture_output=True,
        text=True,
        check=False,
    )
    return known.stdout.strip() or str(tmp_path / "cache")
