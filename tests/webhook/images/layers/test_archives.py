"""Layers as they come: real archives, read by the room that reads registries."""

import asyncio
import io
import tarfile
from collections.abc import Iterator

from registry.archive import Archive
from tests.registry.tars import END, SPARSE, entry, pax
from tests.webhook.images.layers.elves import NOTE_OF_GO, build_information, elf
from tests.webhook.images.layers.surveys import deciding
from webhook.images.layers import Findings, Start, Survey

GO = elf(note=NOTE_OF_GO, data=build_information(), data_at=1 << 20)


def read(data: bytes, *argv: str) -> tuple[Findings, int]:
    """The findings about one layer, and how many entries it took."""
    parts: Iterator[bytes] = (data[at : at + 5000] for at in range(0, len(data), 5000))

    async def source() -> bytes:
        return next(parts, b"")

    async def scenario() -> tuple[Findings, int]:
        archive, survey, count = Archive(source, 1000), Survey(Start(argv)), 0
        while not survey.is_decided() and (one := await archive.next()) is not None:
            count += 1
            wanted = survey.feed(one)
            while wanted:
                wanted = survey.feed_head(one, await archive.head(wanted))
        return survey.findings, count

    return asyncio.run(scenario())


def test_archive() -> None:
    """A layer is read up to the entry that decides, and a program as far as it tells more."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, mode, content in (
            ("etc/passwd", 0o644, b"root"),
            ("app/server", 0o755, GO),
            ("srv/x", 0o644, b"x"),
        ):
            member = tarfile.TarInfo(name)
            member.mode, member.size = mode, len(content)
            archive.addfile(member, io.BytesIO(content))
    findings, count = read(buffer.getvalue(), "/app/server")

    assert (deciding(findings), findings.version, count) == (["go"], "1.26.1", 2)


def test_content_that_is_not_given() -> None:
    """Of a file that is stored with holes no bytes come: it tells nothing, and nothing waits."""
    map_of_holes = pax(GNU__sparse__major=b"1", GNU__sparse__minor=b"0")
    data = map_of_holes + entry(b"app/server", GO, mode=b"0000755\0") + END
    old = entry(b"app/server", b"#!/bin/sh\n", flag=SPARSE, mode=b"0000755\0") + END

    for archive in (data, old):
        findings, count = read(archive, "/app/server")
        assert (deciding(findings), count) == ([], 1)
