import pytest

from bench.apiserver.figures import Quiet, Report, Spread, Step
from bench.apiserver.page import tables
from bench.tables import markdown
from tests.bench.apiserver.test_figures import TURNS

SPREAD = Spread(0.001, 0.0005, 0.002)


def report(calls: int, loaded: int) -> Report:
    """A report of one kind of load and one step."""
    step = Step(1_000, 10_000, 1.5, 90_000_000, loaded, (SPREAD, SPREAD))
    return Report("2 cores", "v1.37.2", Quiet(600, calls), (TURNS,), (TURNS,), (step,))


def test_tables() -> None:
    """Every webhook has its row, every step too."""
    text = markdown("Measured.", tables(report(0, 95_000_000)))

    assert "| 1 client | none | 2000.00 ms | 2000.00 ms | – | – | – | – |" in text
    assert "| 1 client | spanhook | 5000.00 ms" in text
    assert "| 1,000 | 10,000 | 1.50 s | 90 MB | 95 MB | 1.00 ms (0.5–2.0)" in text


@pytest.mark.parametrize(
    ("calls", "loaded", "quiet", "memory"),
    [(0, 95_000_000, "met", "met"), (1, 151_000_000, "missed", "missed")],
    ids=["met", "missed"],
)
def test_targets(calls: int, loaded: int, quiet: str, memory: str) -> None:
    """The page says of each target whether it is met."""
    text = markdown("Measured.", tables(report(calls, loaded)))

    assert f"where nothing is opted in | 0 | {calls} | {quiet} |" in text
    assert f"| 150 MB | {loaded // 1_000_000} MB | {memory} |" in text
    assert "1 client, added median over fixed injection's | 1.2 × | 1.50 × | missed |" in text
