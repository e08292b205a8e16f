from dataclasses import replace

import pytest

from bench.nodeagent.figures import Attaching, Growth, Pace, Report, Requests, Server
from bench.nodeagent.page import tables
from bench.tables import markdown


def requests(cpu: float, rate: float) -> Requests:
    """A server that is not traced, and one that is: three rounds, the first two of them slow."""
    return Requests(
        "without traceparent",
        (
            Server("not traced", (30e-6, 20e-6, 10e-6), (10_000, 20_000, 30_000)),
            Server(
                "spanhook",
                (30e-6 + cpu, 20e-6 + cpu, 10e-6 + cpu),
                (10_000 * rate, 20_000 * rate, 30_000 * rate),
            ),
        ),
    )


STEADY = Pace(5_000, 1.0, 60.0, 300_000, 300_000, 0, 15.0, 120_000_000)
TOO_MANY = Pace(25_000, 1.0, 10.0, 250_000, 200_000, 50_000, 10.0, 150_000_000)
REPORT = Report(
    "2 cores",
    (requests(1.5e-6, 0.97),),
    (STEADY, replace(STEADY, ratio=0.1, spans=29_500), TOO_MANY),
    Growth(10, 110_000_000, 1_000, 120_000_000, 121_000_000),
    Attaching(0.15, 0.001),
)


def text(report: Report) -> str:
    """The page's part."""
    return markdown("Measured.", tables(report))


def test_all_is_met() -> None:
    """Every target has its row; rounds are compared one by one, so that slow ones do no harm."""
    page = text(REPORT)

    assert "| added to a request without traceparent | 2.0 µs | 1.5 µs | met |" in page
    assert "| throughput without traceparent | 0.95 × | 0.97 × | met |" in page
    assert "| 5,000 requests/s, spans | 100 % | 100 % | met |" in page
    assert "| 5,000 requests/s, 10 % sampled, spans | 100 % | 100 % | met |" in page
    assert "| 25,000 requests/s, losses not counted | 0 | 0 | met |" in page
    assert "| memory with 10 binaries | 180 MB | 110 MB | met |" in page
    assert "| memory added by 1,000 processes that came and went | 12 MB | 1 MB | met |" in page
    assert "| a process of an unknown binary attached | 2 s | 0.150 s | met |" in page
    assert "missed" not in page


def test_figures() -> None:
    """Servers and rates have their rows."""
    page = text(REPORT)

    assert "| not traced | 20,000 | 1 | 20.0 µs | – |" in page
    assert "| spanhook | 19,400 | 0.97 | 21.5 µs | 1.5 µs |" in page
    assert "| 25,000 requests/s for 10 s | 200,000 | 50,000 | 50.0 µs | 20,000 | 150 MB |" in page


@pytest.mark.parametrize(
    ("report", "row"),
    [
        pytest.param(
            replace(REPORT, requests=(requests(4e-6, 0.9),)),
            "| added to a request without traceparent | 2.0 µs | 4.0 µs | missed |",
            id="processor time",
        ),
        pytest.param(
            replace(REPORT, requests=(requests(1e-6, 0.9),)),
            "| throughput without traceparent | 0.95 × | 0.90 × | missed |",
            id="throughput",
        ),
        pytest.param(
            replace(REPORT, paces=(STEADY, replace(TOO_MANY, losses=49_990))),
            "| 25,000 requests/s, losses not counted | 0 | 10 | missed |",
            id="uncounted",
        ),
        pytest.param(
            replace(REPORT, paces=(replace(STEADY, spans=290_000, losses=10_000), TOO_MANY)),
            "| 5,000 requests/s, spans | 100 % | 96.7 % | missed |",
            id="losses",
        ),
    ],
)
def test_what_is_missed_says_so(report: Report, row: str) -> None:
    """A figure beyond its limit is marked."""
    assert row in text(report)
