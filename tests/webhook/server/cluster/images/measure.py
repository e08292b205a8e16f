"""What ten thousand profiles take: `python -m tests.webhook.server.cluster.images.measure`.

They are of the labelled images of this repository, each under digests and tags of its own and now
and then with two platforms or a look into layers; they come in pages, as from the API server.
Measured in a process that does nothing else, as the kernel counts; once more after a new list.
"""

import ctypes
import gc
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from tests.webhook.images import labelled
from tests.webhook.server.cluster.recording import Recording
from webhook.evidence import reference_of
from webhook.images import configuration
from webhook.images.profile import Command, Learnt, PlatformFacts, Profile, Reference, kept, write
from webhook.model import Evidence, Source
from webhook.server.cluster.profiles import ImageProfile, Profiles

PROFILES = 10_000
PAGE = 500
MEGABYTE = 1 << 20
LIMIT = 60
AT = datetime.now(UTC)


def tell(line: str) -> None:
    """Print a line."""
    sys.stdout.write(f"{line}\n")


def digest(text: str) -> str:
    """A digest of its own for each text."""
    return f"sha256:{sha256(text.encode()).hexdigest()}"


def profile(number: int, case: labelled.Case) -> Profile:
    """The profile of a labelled image, as team `number` would have built on it."""
    image = configuration.read(case.configuration)
    image = replace(image, labels={}, environment=kept(image.environment))
    architectures = ("amd64", "arm64") if number % 4 == 0 else ("amd64",)
    platforms = tuple(
        PlatformFacts(f"linux/{one}", digest(f"{number} {one}"), replace(image, architecture=one))
        for one in architectures
    )
    names = [f"registry-{number % 7}.example.com/team-{number % 90}/service-{number}:1.{number}.0"]
    names += [f"{names[0].rpartition(':')[0]}:main"] if number % 3 == 0 else []
    return Profile(
        digest(str(number)),
        tuple(Reference(name, AT) for name in names),
        platforms,
        (command(number),) if number % 5 == 0 else (),
        Learnt(AT, "0.1.0", 4, 9_000),
    )


def command(number: int) -> Command:
    """What layers told of a command line: of every fifth image they were looked into."""
    fact = f"/app/service-{number}.jar is what the entrypoint starts"
    evidence = (
        Evidence(Source.LAYERS, fact, "java"),
        Evidence(Source.LAYERS, "/opt/java/openjdk/release says 21.0.4", "java", "21.0.4", "glibc"),
    )
    return Command(digest(f"command {number}")[7:], evidence, "java", "21.0.4", "glibc")


def pages() -> Iterator[bytes]:
    """The list as the API server sends it."""
    cases = labelled.CASES
    for first in range(0, PROFILES, PAGE):
        numbers = range(first, first + PAGE)
        documents = [write(profile(number, cases[number % len(cases)])) for number in numbers]
        for one in documents:
            one["metadata"] |= {"uid": "u" * 36, "resourceVersion": "123456", "generation": 1}
        yield msgspec.json.encode({"items": documents})


class _Page(msgspec.Struct):
    items: list[ImageProfile]


def resident() -> int:
    """What the process holds, after what is free was given back."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    pages_ = int(Path("/proc/self/statm").read_text().split()[1])
    return pages_ * os.sysconf("SC_PAGE_SIZE")


def listed(folder: Path) -> list[ImageProfile]:
    """All objects, a page after the other, as the reflector collects them."""
    decode = msgspec.json.Decoder(_Page).decode
    return [one for page in sorted(folder.iterdir()) for one in decode(page.read_bytes()).items]


def measure(folder: Path) -> None:
    """Print the figures."""
    recording = Recording()
    store = Profiles(recording.log, recording.telemetry)
    before = resident()
    began = time.perf_counter()
    store.replaced(listed(folder))
    seconds = time.perf_counter() - began
    first = (resident() - before) / MEGABYTE
    store.replaced(listed(folder))
    again = (resident() - before) / MEGABYTE
    size = sum(page.stat().st_size for page in folder.iterdir()) / PROFILES
    tell(f"{len(store)} profiles ({size:,.0f} bytes each, as JSON), {len(store.known)} references")
    tell(f"memory: {first:.1f} MiB, listed anew: {again:.1f} MiB (limit: {LIMIT} MB)")
    tell(f"read in {seconds:.2f} s")
    container: Any = {"image": next(iter(store.known))}
    reference, rounds = reference_of(container) or "", 200_000
    began = time.perf_counter()
    for _ in range(rounds):
        store.known.get(reference)
    tell(f"a look at what is known: {(time.perf_counter() - began) / rounds * 1e9:.0f} ns")


def main() -> None:
    """Write the pages in one process, read them in another."""
    import tempfile  # noqa: PLC0415  # the process that is measured does without

    with tempfile.TemporaryDirectory() as name:
        for number, page in enumerate(pages()):
            (Path(name) / f"{number:04}").write_bytes(page)
        subprocess.run([sys.executable, "-m", __spec__.name, name], check=True)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        measure(Path(sys.argv[1]))
    else:
        main()
