"""Run the measurements: accuracy in process, look-ups and looks against a real registry."""

import asyncio
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.images import admission, memory
from bench.images.admission import Admissions
from bench.images.figures import Looks, Lookups, Pods, Report, Told
from bench.machine import machine
from tests.cluster import UnavailableError
from tests.inspection import measure as inspection
from tests.inspection.wild import MEGABYTE, PUBLIC, TEAMS
from tests.registry import measure as registry
from tests.registry.debian import PROGRAM, Running, serving
from tests.webhook.images.labelled import CASES
from tests.webhook.images.labelled.accuracy import figures

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured: images that are looked up, and every how manyth is looked into.

    `scale` bytes count as a megabyte of those: smaller images make shares larger.
    """

    images: int
    step: int
    scale: int


EFFORTS = {
    "thorough": Effort(registry.IMAGES, 1, MEGABYTE),
    "quick": Effort(30, 8, MEGABYTE // 16),
}


def measure(directory: Path, effort: Effort, tell: Tell) -> Report:
    """All figures. Raises tests.cluster.UnavailableError where there is no registry to ask."""
    if shutil.which(PROGRAM) is None:
        raise UnavailableError(f"{PROGRAM} is not installed (apt-get install {PROGRAM})")
    tell("telling the language of labelled images")
    told = _told()
    tell("keeping profiles")
    kept = memory.measured()
    with serving(directory, tls=True) as running:
        tell("pushing images")
        registry.fill(running, effort.images)
        tell("looking up images")
        alone, cold, warm = _lookups(running, effort.images)
        tell("looking into images")
        teams, public = _looks(running, effort)
    return Report(machine(), told, teams, public, alone, cold, warm, kept)


def _told() -> tuple[Told, ...]:
    others = sum(case.language is None for case in CASES)
    return (
        Told("configuration alone", figures(), others, 0.97),
        Told("configuration and name", figures(named=True), others, 0.97),
    )


def _lookups(running: Running, count: int) -> tuple[Lookups, Pods, Pods]:
    alone = asyncio.run(registry.one_by_one(running, count))
    cold, warm = asyncio.run(admission.admissions(running, count))
    return (
        Lookups("one by one", registry.DEADLINE, tuple(alone)),
        _pods("not seen before", cold),
        _pods("seen before", warm),
    )


def _pods(name: str, admitted: Admissions) -> Pods:
    what = f"pods, {registry.PARALLEL} at a time, their images {name}"
    return Pods(name, Lookups(what, registry.DEADLINE, admitted.each), admitted.requests)


def _looks(running: Running, effort: Effort) -> tuple[Looks, Looks]:
    teams, public = TEAMS[:: effort.step], PUBLIC[:: effort.step]
    inspection.fill(running, (*teams, *public), effort.scale)
    found = asyncio.run(inspection.looks(running, (*teams, *public)))
    return (
        Looks(tuple(found[: len(teams)]), inspection.SHARE),
        Looks(tuple(found[len(teams) :]), inspection.SHARE),
    )
