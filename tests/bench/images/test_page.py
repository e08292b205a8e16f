from dataclasses import replace

import pytest

from bench.images.figures import Looks, Lookups, Memory, Pods, Report, Told
from bench.images.page import tables
from bench.tables import markdown
from inspection.look import Look
from registry.spent import Spent
from tests.inspection.measure import Measured
from tests.inspection.wild import Case
from tests.registry.measure import Timed
from tests.webhook.images.labelled.accuracy import Figures
from webhook.images.profile import Command


def look(truth: str | None, told: str | None, read: int) -> Measured:
    """A look of so many bytes into an image of a thousand."""
    state = "decided" if told else "undecided"
    command = Command("k", (), told, None, None, (), state, "")  # type: ignore[arg-type]
    case = Case("an image", truth, "scratch", ["/x"], lambda _: [])
    return Measured(case, Look((command,), Spent(2, read), 1, read, 1, 1000))


GOOD = (Timed(0.01, Spent(4, 9_000)), Timed(0.02, Spent(3, 8_000)), Timed(0.5, Spent(4, 9_000)))
LOOKUPS = Lookups("one by one", 1.0, GOOD)
REPORT = Report(
    "2 cores",
    (
        Told(
            "configuration alone",
            (Figures("java", 9, 9, 10, 10), Figures("go", 3, 3, 3, 3)),
            7,
            0.97,
        ),
    ),
    Looks((look("go", "go", 100), look(None, None, 900)), 0.15),
    Looks((look("java", "java", 20),), 0.15),
    LOOKUPS,
    Pods("not seen before", LOOKUPS, 11),
    Pods("seen before", LOOKUPS, 0),
    Memory(10_000, 40_000_000),
)


def text(report: Report) -> str:
    """The page's part."""
    return markdown("Measured.", tables(report))


def test_all_is_met() -> None:
    """Every target has its row, and says that it is met."""
    page = text(REPORT)

    assert "| wrong languages by configuration alone | 0 | 0 | met |" in page
    assert "| recall by configuration alone, worst language | 97 % | 100 % | met |" in page
    assert "| requests for an unknown image | 4 | 4 | met |" in page
    assert "| time for an unknown image, median | 25.00 ms | 20.00 ms | met |" in page
    assert "| requests for the same pods once more | 0 | 0 | met |" in page
    assert "| memory of 10,000 profiles | 60 MB | 40 MB | met |" in page
    assert "| well-known images decided by 15 % of their bytes | 90 % | 100 % | met |" in page
    assert "| Java | 10 | 9 | 0 | 100 % | 10 | 100 % |" in page
    assert "| none of them | 7 | – | – | – | – | – |" in page
    assert "| an image | go | go | 0.1 KB | 0 MB | 10.0 % | 2 |" in page
    assert "| an image | – | undecided | 0.9 KB | 0 MB | 90.0 % | 2 |" in page


@pytest.mark.parametrize(
    ("report", "row"),
    [
        (
            replace(REPORT, told=(Told("x", (Figures("go", 9, 8, 100, 99),), 1, 0.97),)),
            "| wrong languages by x | 0 | 1 | missed |",
        ),
        (
            replace(REPORT, told=(Told("x", (Figures("go", 9, 9, 1000, 969),), 1, 0.97),)),
            "| recall by x, worst language | 97 % | 96.9 % | missed |",
        ),
        (REPORT, "| teams' images decided by 15 % of their bytes | 90 % | 50 % | missed |"),
        (
            replace(REPORT, teams=Looks((look("go", "java", 10),), 0.15)),
            "| wrong languages by layers of teams' images | 0 | 1 | missed |",
        ),
        (
            replace(REPORT, alone=Lookups("", 1.0, (Timed(0.03, Spent(5, 31_000)),))),
            "| bytes for an unknown image | 30.0 KB | 31.0 KB | missed |",
        ),
        (
            replace(REPORT, cold=Pods("new", Lookups("pods", 1.0, (Timed(1.06, Spent()),)), 4)),
            "| 1 pods: later than the deadline and 50 ms | 0 | 1 | missed |",
        ),
        (
            replace(REPORT, warm=Pods("seen before", LOOKUPS, 1)),
            "| requests for the same pods once more | 0 | 1 | missed |",
        ),
        (
            replace(REPORT, warm=Pods("", Lookups("", 1.0, (Timed(1, Spent(), found=False),)), 0)),
            "| requests for the same pods once more | 0 | 1 still unknown | missed |",
        ),
    ],
    ids=["precision", "recall", "share", "layers", "bytes", "late", "warm", "unknown"],
)
def test_what_is_missed(report: Report, row: str) -> None:
    """What does not reach its target is said to miss it."""
    assert row in text(report)
