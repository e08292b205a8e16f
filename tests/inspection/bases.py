"""Base images' layers: as large as those of the real ones, and with what tells their C library."""

from functools import cache

from tests.inspection.trees import files, layer
from tests.registry.images import Blob
from tests.webhook.images.layers.surveys import Member, link, program, text

PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@cache
def layers(name: str, scale: int) -> tuple[Blob, ...]:
    """A base's layers; `scale` is what counts as a megabyte."""
    return tuple(layer(members) for members in _BASES[name](scale))


def _debian(scale: int) -> list[list[Member]]:
    return [
        [
            link("bin", "usr/bin"),
            link("lib64", "usr/lib64"),
            text("etc/os-release", "ID=debian\n"),
            program("usr/bin/bash", b"\x7fELF" + bytes(60)),
            link("usr/bin/sh", "bash"),
            Member("usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2", content=bytes(1000)),
            *files("usr/lib/x86_64-linux-gnu/x", 300, 74 * scale),
        ]
    ]


def _alpine(scale: int) -> list[list[Member]]:
    return [
        [
            program("bin/busybox", b"\x7fELF" + bytes(60)),
            link("bin/sh", "/bin/busybox"),
            text("etc/alpine-release", "3.22.1\n"),
            Member("lib/ld-musl-x86_64.so.1", content=bytes(1000)),
            *files("usr/lib/x", 80, 8 * scale),
        ]
    ]


def _static(scale: int) -> list[list[Member]]:
    return [files(f"usr/share/{number}", 20, scale // 7) for number in range(12)]


_BASES = {
    "scratch": lambda scale: [],  # noqa: ARG005
    "static": _static,
    "alpine": _alpine,
    "debian": _debian,
}
