"""What reading from a real registry on this machine costs: `python -m tests.registry.measure`."""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

from registry.client import Client, connect
from registry.errors import RegistryError
from registry.limits import Budget
from registry.model import Description, Platform
from registry.settings import Settings
from registry.spent import Spent
from tests.registry import images
from tests.registry.debian import Running, serving
from tests.registry.pushing import push
from webhook.images.reference import parse

IMAGES = 200
PARALLEL = 50
DEADLINE = 1.0
AMD64 = [Platform("linux", "amd64")]
MEGABYTE = 1 << 20


def image(number: int) -> images.Index:
    """An index of two platforms, with a configuration of usual size."""
    history = [{"created_by": f"RUN step {step} of {number} " + "x" * 200} for step in range(20)]
    made = {
        f"linux/{architecture}": images.image(
            images.layer({f"app/{number}": b"x" * 1000}),
            configuration=images.config(architecture) | {"history": history, "number": number},
        )
        for architecture in ("amd64", "arm64")
    }
    return images.index(made, attested=True)


def large() -> images.Image:
    """An image with 100 MB of files that do not compress well, in one layer."""
    noise = Random(1).randbytes(MEGABYTE)
    return images.image(images.layer({f"app/{number}": noise for number in range(100)}))


@dataclass(frozen=True, slots=True)
class Timed:
    """The seconds that a read took and what it spent; `found` is False where it failed."""

    seconds: float
    spent: Spent
    found: bool = True


async def timed(work: Callable[[], Awaitable[Description]]) -> Timed:
    """A read, and what it took."""
    began = time.perf_counter()
    try:
        description = await work()
    except RegistryError as error:
        return Timed(time.perf_counter() - began, error.spent, found=False)
    return Timed(time.perf_counter() - began, description.spent)


def describing(client: Client, host: str, number: int) -> Callable[[], Awaitable[Description]]:
    """A read of one image with a deadline."""

    async def describe() -> Description:
        deadline = asyncio.get_running_loop().time() + DEADLINE
        name = parse(f"{host}/bench/app{number}:1")
        return await client.describe(name, deadline=deadline, platforms=AMD64)

    return describe


def settings(running: Running) -> Settings:
    """Settings that name the registry."""
    hosts = frozenset({running.host})
    plain = frozenset() if running.authority else hosts
    return Settings(plain_http=plain, local=hosts, authorities=running.authority)


def fill(running: Running, count: int = IMAGES) -> None:
    """Push the images that are read."""
    for number in range(count):
        push(running.url, f"bench/app{number}", image(number), "1", authority=running.authority)


async def one_by_one(running: Running, count: int = IMAGES) -> list[Timed]:
    """Cold images one after the other; the connection is there."""
    async with connect(settings(running)) as client:
        await describing(client, running.host, 0)()
        reads = [describing(client, running.host, number) for number in range(1, count)]
        return [await timed(read) for read in reads]


async def in_parallel(running: Running, count: int = IMAGES) -> list[Timed]:
    """Cold images, many at a time."""
    async with connect(settings(running)) as client:
        turns = asyncio.Semaphore(PARALLEL)

        async def one(number: int) -> Timed:
            async with turns:
                return await timed(describing(client, running.host, number))

        return list(await asyncio.gather(*map(one, range(count))))


async def layer(running: Running) -> None:
    """A large layer, to its end and to its tenth entry."""
    async with connect(settings(running)) as client:
        loop = asyncio.get_running_loop()
        name = parse(f"{running.host}/bench/large:1")
        found = await client.describe(name, deadline=loop.time() + 10)
        top = found.images[0].layers[-1]
        budget = Budget(compressed=200 * MEGABYTE, seconds=120)
        for entries in (10, 1000):
            began, count = time.perf_counter(), 0
            deadline = loop.time() + 120
            async with client.layer(name, top, deadline=deadline, budget=budget) as opened:
                async for _ in opened:
                    if (count := count + 1) == entries:
                        break
            seconds = time.perf_counter() - began
            print(  # noqa: T201
                f"layer of {top.size / MEGABYTE:.0f} MiB, {count} entries: {seconds:.2f} s,"
                f" {opened.spent.bytes / MEGABYTE:.1f} MiB fetched, verified: {opened.verified}"
            )


def _print(name: str, results: list[Timed]) -> None:
    seconds = sorted(one.seconds for one in results)
    found = [one for one in results if one.found]
    requests = max(one.spent.requests for one in found)
    size = max(one.spent.bytes for one in found)
    print(  # noqa: T201
        f"{name}: {len(found)} of {len(results)} read within {DEADLINE:.0f} s; median"
        f" {statistics.median(seconds) * 1000:.1f} ms, longest {seconds[-1] * 1000:.1f} ms;"
        f" at most {requests} requests, {size} bytes"
    )


def main() -> None:
    """Measure and print."""
    for tls in (False, True):
        with (
            tempfile.TemporaryDirectory() as directory,
            serving(Path(directory), tls=tls) as running,
        ):
            fill(running)
            push(running.url, "bench/large", large(), "1", authority=running.authority)
            print("with TLS" if tls else "without TLS")  # noqa: T201
            _print("one by one", asyncio.run(one_by_one(running)))
            _print(f"{PARALLEL} at a time", asyncio.run(in_parallel(running)))
            asyncio.run(layer(running))


if __name__ == "__main__":
    main()
