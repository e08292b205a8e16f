"""The figures of images as tables."""

from collections.abc import Iterator, Sequence

from bench.figures import quantile
from bench.images.figures import Looks, Lookups, Pods, Report, Told
from bench.tables import Row, Titled, kilobytes, megabytes, milliseconds
from tests.inspection.measure import Measured
from tests.webhook.images.labelled.accuracy import Figures
from webhook.languages import BY_NAME

REQUESTS = 4
BYTES = 30_000
MEDIAN = 0.025
MEMORY_BYTES = 60_000_000
RECALL_OF_LAYERS = 0.99
WITHIN = 0.9

_MET = {True: "met", False: "missed"}


def tables(report: Report) -> Sequence[Titled]:
    """All figures."""
    return (
        ("What it should reach", [("target", "limit", "measured", ""), *_targets(report)]),
        *((f"Images whose truth is known, told by {one.name}", _told(one)) for one in report.told),
        ("Configurations of unknown images, from a registry with TLS", _lookups(report)),
        ("Layers of images as teams build them", _looks(report.teams)),
        (
            "Layers of images after well-known ones, at a quarter of their size",
            _looks(report.public),
        ),
    )


def _targets(report: Report) -> Iterator[Row]:
    for told in report.told:
        yield _at_most(f"wrong languages by {told.name}", 0, told.wrong)
        yield _share(f"recall by {told.name}, worst language", told.recall, told.lowest_recall)
    yield from _of_layers("teams' images", report.teams)
    yield from _of_layers("well-known images", report.public)
    yield from _of_lookups(report)
    memory = report.memory
    yield (
        f"memory of {memory.profiles:,} profiles",
        megabytes(MEMORY_BYTES),
        megabytes(memory.bytes),
        _MET[memory.bytes <= MEMORY_BYTES],
    )


def _of_layers(name: str, looks: Looks) -> Iterator[Row]:
    yield _at_most(f"wrong languages by layers of {name}", 0, looks.wrong)
    recall = looks.decided / looks.tellable
    yield _share(f"recall by layers of {name}", RECALL_OF_LAYERS, recall)
    enough = f"{name} decided by {looks.enough:.0%} of their bytes".replace("%", " %")
    yield _share(enough, WITHIN, looks.within)


def _of_lookups(report: Report) -> Iterator[Row]:
    alone, cold, warm = report.alone, report.cold, report.warm
    yield _at_most("requests for an unknown image", REQUESTS, alone.requests)
    limit, size = kilobytes(BYTES), kilobytes(alone.bytes)
    yield "bytes for an unknown image", limit, size, _MET[alone.bytes <= BYTES]
    limit, seconds = milliseconds(MEDIAN), milliseconds(alone.median)
    yield "time for an unknown image, median", limit, seconds, _MET[alone.median <= MEDIAN]
    pods = f"{len(cold.lookups.each)} {cold.lookups.name}"
    yield _at_most(f"{pods}: later than the deadline and 50 ms", 0, cold.lookups.late)
    unknown, again = warm.lookups.failed, "requests for the same pods once more"
    if unknown:
        yield again, "0", f"{unknown} still unknown", _MET[False]
    else:
        yield _at_most(again, 0, warm.requests)


def _at_most(target: str, limit: int, measured: int) -> Row:
    return target, str(limit), str(measured), _MET[measured <= limit]


def _share(target: str, limit: float, measured: float) -> Row:
    return target, _percent(limit), _percent(measured), _MET[measured >= limit]


def _told(told: Told) -> list[Row]:
    header = ("language", "images", "injected", "wrong", "precision", "recognised", "recall")
    rows = [_language(one) for one in told.languages]
    return [header, *rows, ("none of them", str(told.others), "–", "–", "–", "–", "–")]


def _language(one: Figures) -> Row:
    return (
        BY_NAME[one.language].title,
        str(one.tellable),
        str(one.injected),
        str(one.injected - one.right),
        _percent(one.precision),
        str(one.told),
        _percent(one.recall),
    )


def _lookups(report: Report) -> list[Row]:
    header = ("what", "requests", "bytes", "p50", "p99", "longest", "without their image")
    alone = report.alone
    most = (f"{alone.requests} each", f"{kilobytes(alone.bytes)} each")
    first = (f"{len(alone.each)} images {alone.name}", *most, *_times(alone))
    return [header, first, _pods(report.cold), _pods(report.warm)]


def _pods(pods: Pods) -> Row:
    what = f"{len(pods.lookups.each)} {pods.lookups.name}"
    return (what, f"{pods.requests:,} in all", "–", *_times(pods.lookups))


def _times(one: Lookups) -> tuple[str, str, str, str]:
    slow = quantile(one.seconds, 0.99)
    times = (one.median, slow, max(one.seconds))
    median, slowest, longest = map(milliseconds, times)
    return median, slowest, longest, str(one.failed)


def _looks(looks: Looks) -> list[Row]:
    header = ("image", "is", "told", "read", "of", "share", "requests")
    return [header, *(_look(one) for one in looks.each)]


def _look(one: Measured) -> Row:
    (command,) = one.look.commands
    told = " ".join(filter(None, (command.language, command.version, command.libc)))
    return (
        one.case.name,
        one.case.language or "–",
        told or command.state,
        kilobytes(one.look.spent.bytes),
        megabytes(one.look.size),
        f"{one.share * 100:.1f} %",
        str(one.look.spent.requests),
    )


def _percent(share: float) -> str:
    """Rounded down: what is not all is not 100 %."""
    return f"{int(share * 1000) / 10:g} %"
