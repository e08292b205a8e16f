"""Run the measurements: accuracy in process, look-ups against a real registry."""

import asyncio
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.images import memory
from bench.images.figures import Lookups, Memory, Report, Told
from bench.machine import machine
from tests.cluster import UnavailableError
from tests.registry import measure as registry
from tests.registry.debian import PROGRAM, Running, serving
from tests.webhook.images.labelled import CASES
from tests.webhook.images.labelled.accuracy import figures

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured: images that are looked up, profiles that are kept."""

    images: int
    profiles: int


EFFORTS = {"thorough": Effort(registry.IMAGES, memory.COUNT), "quick": Effort(40, memory.COUNT)}


def measure(directory: Path, effort: Effort, tell: Tell) -> Report:
    """All figures. Raises tests.cluster.UnavailableError where there is no registry to ask."""
    if shutil.which(PROGRAM) is None:
        raise UnavailableError(f"{PROGRAM} is not installed (apt-get install {PROGRAM})")
    tell("telling the language of labelled images")
    told = _told()
    tell("keeping profiles")
    kept = Memory(effort.profiles, memory.measured(effort.profiles))
    tell("pushing images")
    with serving(directory, tls=True) as running:
        registry.fill(running, effort.images)
        tell("looking up images")
        alone, together = _lookups(running, effort.images)
    return Report(machine(), told, alone, together, kept)


def _told() -> tuple[Told, ...]:
    others = sum(case.language is None for case in CASES)
    return (
        Told("configuration alone", figures(), others, 0.97),
        Told("configuration and name", figures(named=True), others, 0.97),
    )


def _lookups(running: Running, count: int) -> tuple[Lookups, Lookups]:
    alone = asyncio.run(registry.one_by_one(running, count))
    together = asyncio.run(registry.in_parallel(running, count))
    return (
        Lookups("one by one", registry.DEADLINE, tuple(alone)),
        Lookups(f"{registry.PARALLEL} at a time", registry.DEADLINE, tuple(together)),
    )
