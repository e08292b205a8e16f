import pytest

from bench.figures import InProcess, OverTls, Report, Server, quantile
from bench.page import tables
from bench.tables import markdown


def server(name: str, rate: float) -> Server:
    """A server with one kind of load."""
    return Server(name, 0.5, 50_000_000, 60_000_000, (OverTls(16, (rate,), (0.002,) * 100, 0.03),))


REPORT = Report(
    "2 cores, Python 3.13",
    10_900,
    (InProcess("small", 4_000, 3_000, (0.0001, 0.0002, 0.0003)),),
    server("spanhook", 3_000),
    server("floor", 6_000),
)


def test_figures() -> None:
    """Every server and kind of load has its row; the product's ends with the ratio."""
    text = markdown("Measured.", tables(REPORT))

    assert text.startswith("Measured.\n\nIn process")
    assert "| 16 | spanhook | 3,000 | 2.00 ms | 2.00 ms | 300 µs | 0.50 |" in text
    assert "| small | 4.0 KB | 3.0 KB | 0.20 ms | 0.30 ms |" in text
    assert "| spanhook | 0.50 s | 50 MB | 60 MB |" in text


@pytest.mark.parametrize(
    ("share", "expected"),
    [(0.0, 1), (0.5, 3), (0.99, 5), (1.0, 5)],
    ids=["min", "p50", "p99", "max"],
)
def test_quantiles(share: float, expected: float) -> None:
    """Quantiles are values that were seen."""
    assert quantile([5, 3, 1, 4, 2], share) == expected
