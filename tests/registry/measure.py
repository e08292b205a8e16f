"""What reading from a real registry on this machine costs: `python -m tests.registry.measure`."""

import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from random import Random

from registry.client import Client, connect
from registry.errors import RegistryError
from registry.limits import Budget
from registry.model import Description, Platform
from registry.settings import Settings
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


async def timed(work: Callable[[], Awaitable[Description]]) -> tuple[float, Description | None]:
    """The seconds that a read took, and what came of it."""
    began = time.perf_counter()
    try:
        found = await work()
    except RegistryError:
        return time.perf_counter() - began, None
    return time.perf_counter() - began, found


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


async def one_by_one(running: Running) -> None:
    """Cold images one after the other."""
    async with connect(settings(running)) as client:
        await describing(client, running.host, 0)()
        results = [
            await timed(describing(client, running.host, number)) for number in range(1, IMAGES)
        ]
    _print("one by one", results)


async def in_parallel(running: Running) -> None:
    """Cold images, many at a time."""
    async with connect(settings(running)) as client:
        turns = asyncio.Semaphore(PARALLEL)

        async def one(number: int) -> tuple[float, Description | None]:
            async with turns:
                return await timed(describing(client, running.host, number))

        results = await asyncio.gather(*map(one, range(IMAGES)))
    _print(f"{PARALLEL} at a time", results)


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


def _print(name: str, results: list[tuple[float, Description | None]]) -> None:
    seconds = sorted(one for one, _ in results)
    found = [one for _, one in results if one is not None]
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
            authority = running.authority
            for number in range(IMAGES):
                name = f"bench/app{number}"
                push(running.url, name, image(number), "1", authority=authority)
            push(running.url, "bench/large", large(), "1", authority=authority)
            print("with TLS" if tls else "without TLS")  # noqa: T201
            for measure in (one_by_one, in_parallel, layer):
                asyncio.run(measure(running))


if __name__ == "__main__":
    main()
