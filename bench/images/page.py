"""The figures of images as tables."""

from collections.abc import Iterator, Sequence

from bench.figures import quantile
from bench.images.figures import Lookups, Report, Told
from bench.tables import Row, Titled, kilobytes, megabytes, milliseconds
from tests.webhook.images.labelled.accuracy import Figures
from webhook.languages import BY_NAME

REQUESTS = 4
BYTES = 30_000
MEDIAN = 0.025
MEMORY_BYTES = 60_000_000

_MET = {True: "met", False: "missed"}


def tables(report: Report) -> Sequence[Titled]:
    """All figures."""
    return (
        ("What it should reach", [("target", "limit", "measured", ""), *_targets(report)]),
        *((f"Images whose truth is known, told by {one.name}", _told(one)) for one in report.told),
        ("Look-ups of unknown images on a registry with TLS", _lookups(report)),
    )


def _targets(report: Report) -> Iterator[Row]:
    for told in report.told:
        wrong, recall = told.wrong, told.lowest_recall
        yield f"wrong languages by {told.name}", "0", str(wrong), _MET[wrong == 0]
        limit = _percent(told.recall)
        yield f"recall by {told.name}", limit, _percent(recall), _MET[recall >= told.recall]
    yield from _of_lookups(report.alone, report.together)
    memory = report.memory
    yield (
        f"memory of {memory.profiles:,} profiles",
        megabytes(MEMORY_BYTES),
        megabytes(memory.bytes),
        _MET[memory.bytes <= MEMORY_BYTES],
    )


def _of_lookups(alone: Lookups, together: Lookups) -> Iterator[Row]:
    requests, size, middle = alone.requests, alone.bytes, alone.median
    yield "requests for an unknown image", str(REQUESTS), str(requests), _MET[requests <= REQUESTS]
    limit = kilobytes(BYTES)
    yield "bytes for an unknown image", limit, kilobytes(size), _MET[size <= BYTES]
    limit = milliseconds(MEDIAN)
    yield "time for an unknown image, median", limit, milliseconds(middle), _MET[middle <= MEDIAN]
    what = f"of {len(together.each)} unknown images {together.name}, later than the deadline"
    yield what, "0", str(together.late), _MET[together.late == 0]


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
    header = ("images", "requests", "bytes", "median", "p99", "longest", "failed")
    return [header, *(_lookup(one) for one in (report.alone, report.together))]


def _lookup(one: Lookups) -> Row:
    return (
        f"{len(one.each)} {one.name}",
        str(one.requests),
        kilobytes(one.bytes),
        milliseconds(one.median),
        milliseconds(quantile(one.seconds, 0.99)),
        milliseconds(max(one.seconds)),
        str(one.failed),
    )


def _percent(share: float) -> str:
    """Rounded down: what is not all is not 100 %."""
    return f"{int(share * 1000) / 10:g} %"
