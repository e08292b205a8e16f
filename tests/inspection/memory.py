"""How much memory a look into layers takes: `python -m tests.inspection.memory`, on Linux.

The peak of a process that only reads, over what it held before; what it reads is served by another.
Layers as builders write them, and such as nobody honest would: 60,000 programs with long names, a
zstd window as large as is taken, scripts without end, one program that fills everything.
"""

import asyncio
import gzip
import multiprocessing
import re
import sys
import tempfile
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random

from inspection.inspector import connect
from inspection.starts import start
from tests.inspection.registries import settings
from tests.inspection.trees import layer
from tests.inspection.wild import CASES, go
from tests.registry import images
from tests.registry.debian import Running, serving
from tests.registry.images import ZSTD, Blob, Image
from tests.registry.pushing import push
from tests.webhook.images.layers.surveys import Member, link, program, text
from webhook.images.profile import image
from webhook.model import Object

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

MEGABYTE = 1 << 20
_STATUS, _FORGET = Path("/proc/self/status"), Path("/proc/self/clear_refs")
LONG = "n" * 200
_SECONDS = 120


def _open(*layers: Blob, command: str = "/nowhere/to/be/found") -> Image:
    configuration = images.config(Env=["PATH=/bin"], Cmd=[command])
    return images.image(*layers, configuration=configuration)


def _programs() -> Image:
    names = (f"{LONG}/{number % 100}/{LONG}{number:06}" for number in range(60_000))
    return _open(layer([program(name, b"#!/bin/sh\nexec x\n") for name in names]))


def _links() -> Image:
    names = (f"{LONG}/{LONG}{number:06}" for number in range(60_000))
    return _open(layer([link(name, f"/{name}x") for name in names]))


def _documents() -> Image:
    needs = ", ".join(f'"{LONG[:100]}{number}": "1"' for number in range(500))
    content = f'{{"type": "module", "dependencies": {{{needs}}}}}'
    return _open(layer([text(f"app{n}/package.json", content) for n in range(2_000)]))


def _scripts() -> Image:
    body = "#!/bin/sh\n" + "true\n" * 3_000
    return _open(layer([program(f"bin/{n:05}", body) for n in range(20_000)]))


def _window() -> Image:
    noise = Random(1).randbytes(MEGABYTE)
    content = images.archive(
        {f"a/{number}": noise[number:] + noise[:number] for number in range(80)}, bytes
    )
    parameters = {int(zstd.CompressionParameter.window_log): 25}
    return _open(Blob(zstd.compress(content, options=parameters), ZSTD))


def _everything() -> Image:
    """All of it in one layer, the program last."""
    noise = Random(1).randbytes(MEGABYTE)
    shell = b"#!/bin/sh\n" + b"true\n" * 3_000
    content = layer(
        [
            *(link(f"{LONG}/{LONG}{number:06}", f"/{LONG}/{number}") for number in range(20_000)),
            *(program(f"bin/{number:05}", shell) for number in range(500)),
            *(Member(f"a/{n}", content=noise[n:] + noise[:n]) for n in range(40)),
            program("z/run", go(12, MEGABYTE)),
        ]
    )
    parameters = {int(zstd.CompressionParameter.window_log): 25}
    plain = gzip.decompress(content.content)
    return _open(Blob(zstd.compress(plain, options=parameters), ZSTD), command="/z/run")


def _large_program() -> Image:
    return _open(layer([program("app/run", go(12, MEGABYTE))]), command="/app/run")


def _honest(name: str) -> Callable[[], Image]:
    def made() -> Image:
        return next(case for case in CASES if case.name == name).image(MEGABYTE // 2)

    return made


IMAGES: dict[str, Callable[[], Image]] = {
    "ASP.NET self-contained": _honest("ASP.NET self-contained on Debian"),
    "Go with web files": _honest("Go on Alpine, with web files"),
    "Python, a venv": _honest("Python, a venv's own command"),
    "60,000 programs": _programs,
    "60,000 links": _links,
    "2,000 package.json": _documents,
    "20,000 scripts": _scripts,
    "zstd, a window of 32 MiB": _window,
    "a program read to its data": _large_program,
    "all of these in one": _everything,
    "the same, two command lines": _everything,
}
CONTAINERS: dict[str, tuple[Object, ...]] = {
    "the same, two command lines": ({}, {"command": ["/z/run", "--other"]}),
}


async def _look(running: Running, reference: str, containers: tuple[Object, ...]) -> str:
    async with connect(settings(running.host)) as inspector:
        loop = asyncio.get_running_loop()
        learned = await inspector.learn(reference, deadline=loop.time() + _SECONDS)
        starts = [start(container, image(learned.profile)) for container in containers]
        asked = [one for one in starts if one]
        assert len(asked) == len(containers)
        before = _begin()
        found = await inspector.look(learned, asked, deadline=loop.time() + _SECONDS, thorough=True)
        states = ", ".join(one.state for one in found.commands)
        return f"{(_memory('VmHWM') - before) / MEGABYTE:6.1f} MiB  {states}"


def _begin() -> int:
    """What is held now, in bytes; the peak begins anew."""
    _FORGET.write_text("5")
    return _memory("VmRSS")


def _memory(field: str) -> int:
    """A field of this process' status, in bytes: VmHWM is the peak, VmRSS what there is now."""
    found = re.search(rf"^{field}:\s+(\d+) kB$", _STATUS.read_text(), re.MULTILINE)
    assert found
    return int(found[1]) * 1024


def _child(running: Running, reference: str, name: str, answer: Connection) -> None:
    answer.send(asyncio.run(_look(running, reference, CONTAINERS.get(name, ({},)))))


def main() -> None:
    """Measure each image in a process of its own, and print."""
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as directory, serving(Path(directory)) as running:
        for number, (name, make) in enumerate(IMAGES.items()):
            push(running.url, f"memory/app{number}", make(), "1")
            mine, theirs = context.Pipe()
            reference = f"{running.host}/memory/app{number}:1"
            child = context.Process(target=_child, args=(running, reference, name, theirs))
            child.start()
            theirs.close()
            print(f"{name:28} {mine.recv()}")  # noqa: T201
            child.join()


if __name__ == "__main__":
    main()
