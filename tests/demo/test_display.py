import io
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from demo.decisions import Row
from demo.display import WIDTH, Display
from demo.expectation import WITHOUT_GO
from demo.images import LocalImage
from demo.kubelet import RunningPod
from demo.node_agent import Target, Tracing
from demo.preparation import preparing
from demo.processes import Child
from demo.provision import Missing
from demo.result import Result, absences
from demo.runtimes.model import Prepared, Runtime
from demo.shop import Admission, Started
from demo.spans import Span, Value
from demo.traces import summaries, trace_of
from demo.traffic import VISITS, Seen
from tests.demo.shapes import checkout, span

_SECOND = 1_000_000_000


@pytest.fixture
def page() -> io.StringIO:
    """Where a display without a terminal writes."""
    return io.StringIO()


@pytest.fixture
def display(page: io.StringIO) -> Display:
    """A display without a terminal."""
    return Display(Console(file=page, width=WIDTH, highlight=False))


def _http(one: Span, **attributes: Value) -> Span:
    named = {f"http.{name}": value for name, value in attributes.items()}
    return Span(
        one.trace, one.id, one.parent, one.service, one.name, one.kind, 0, 9, "unset", named
    )


def test_decisions(display: Display, page: io.StringIO) -> None:
    """A row for each container, skips with their reason, warnings below."""
    rows = [
        Row("cart", "cart", "inject", "python", "3.13", why="command starts gunicorn"),
        Row("storefront", "envoy", "skip", reason="KnownSidecar", why="Envoy"),
    ]

    display.decisions(rows, ["cart: a warning"])

    for expected in ("gunicorn", "3.13", "skip: KnownSidecar", "warning", "cart: a warning"):
        assert expected in page.getvalue()


def test_a_trace(display: Display, page: io.StringIO) -> None:
    """Every span has its line, with branches and status, and no line is too long."""
    spans = [*checkout(), _http(span("8", "7", service="prices"), status_code=503)]

    display.trace(trace_of(spans))

    text = page.getvalue()
    assert all(f"span {number}" in text for number in range(1, 9))
    assert "└╴" in text
    assert "503" in text
    assert max(map(len, text.splitlines())) <= WIDTH


def test_without_a_terminal_there_are_no_escape_sequences(
    display: Display, page: io.StringIO
) -> None:
    """What is written into a file can be read in it."""
    display.title()
    display.heading("Trace", "beside")
    display.trace(trace_of(checkout()))
    display.tail(trace_of(checkout()))
    display.summary(summaries(checkout()), {"cart": 1.25})
    display.patches({"cart": [{"op": "add", "path": "/x", "value": {"a": 1}}]})

    assert "\x1b" not in page.getvalue()
    assert 'cart add /x {"a": 1}' in page.getvalue()
    assert "1.2 s" in page.getvalue()
    assert "storefront → cart → prices" in page.getvalue()


def test_visits_are_counted_by_what_they_are(display: Display, page: io.StringIO) -> None:
    """One line for all visits of a kind; a status that was not expected has no tick."""
    visit = VISITS[0]

    display.visits([Seen(visit, 200, 0.1, ""), Seen(visit, 502, 0.1, "")])

    assert "– 2 ×" in page.getvalue()
    assert "200, 502" in page.getvalue()


def test_the_verdict(display: Display, page: io.StringIO) -> None:
    """Either the good sentence, or everything that is missing."""
    display.verdict([], "All is well.")
    display.verdict(["one", "two"], "All is well.")

    assert page.getvalue().count("All is well.") == 1
    assert "  one\n  two\n" in page.getvalue()


def test_preparation_without_a_terminal(display: Display, page: io.StringIO) -> None:
    """Steps are not shown there, ends are; after the last one nothing is."""
    with preparing(display) as progress:
        progress.step("java", "java: fetching")
        progress.done("java", "Java 17", ready=True, seconds=1.0)
    progress.done("go", "too late", ready=False, seconds=1.0)

    assert "Java 17" in page.getvalue()
    assert "fetching" not in page.getvalue()
    assert "too late" not in page.getvalue()


_RUNNING = Started(RunningPod("x", 2 * _SECOND, (), ("envoy",)), 0.5, as_admitted=True)
_PREPARED = Prepared(Runtime("X 1", "here", Path("x"), Path("/")), LocalImage())


def _result(spans: list[Span], **started: Started | Missing) -> Result:
    services: Mapping[str, Started | Missing] = {
        "storefront": _RUNNING,
        "cart": _RUNNING,
        "prices": _RUNNING,
        "stock": _RUNNING,
        "exchange": Missing("no dotnet"),
        **started,
    }
    prepared = dict.fromkeys(services, _PREPARED)
    admission = Admission({}, {}, {}, (), ("w",))
    return Result(prepared, admission, services, spans, Missing("run as root"))


def test_opened(display: Display, page: io.StringIO) -> None:
    """A service that runs says what of it is left out; one that does not says why."""
    display.opened("storefront", _RUNNING)
    display.opened("exchange", Missing("no dotnet"))
    display.opened("exchange", Started(_RUNNING.pod, 0.1, as_admitted=False))

    assert "envoy is left out" in page.getvalue()
    assert "no dotnet" in page.getvalue()
    assert "without its agent" in page.getvalue()


def test_a_result_that_keeps_the_promise() -> None:
    """It has no faults, and says so as JSON."""
    probe = _http(span("p", service="cart", trace="probe", kind="server"), target="/healthz")
    result = _result([probe, *checkout()])
    document = result.document()

    assert result.faults == []
    assert [trace.id for trace in result.traces] == ["t"]
    assert result.best == trace_of(checkout())
    assert (document["ok"], document["warnings"]) == (True, ["w"])
    assert result.promise is WITHOUT_GO
    assert [note.split()[0] for note in result.notes] == ["stock", "Calls"]
    assert "run as root" in result.notes[0]
    assert document["node_agent"] == {"tracing": False, "reason": "run as root"}


def test_where_go_is_traced_its_spans_are_promised(tmp_path: Path) -> None:
    """They are missed where they do not come, and what became of the agent is said first."""
    child = Child.start("agent", ["true"], env={}, cwd=tmp_path, log=tmp_path / "log")
    child.end(10)
    traced = Tracing(Target("stock", 1), child, 1.0)
    called = [
        *checkout(),
        span("8", "7", service="prices", kind="client"),
        span("9", "8", service="stock", kind="server"),
    ]

    kept = replace(_result(called), tracing=traced)
    silent = replace(_result(called[:-1]), tracing=traced)
    broken = replace(silent, agent_fault="the node agent ended: torn away")

    assert kept.faults == []
    assert silent.faults == ["there is no stock server span"]
    assert broken.faults == ["the node agent ended: torn away", "there is no stock server span"]
    assert "stock" not in [note.split()[0] for note in kept.notes]


def test_the_first_span_counts_from_the_services_start() -> None:
    """In seconds."""
    late = span("1", service="cart", end=5 * _SECOND)

    assert _result([late]).first == {"cart": 3.0}


def test_a_service_that_does_not_run_is_the_fault() -> None:
    """Its reason says more than the trace that cannot be there."""
    result = _result([], prices=Missing("no Java"))

    assert result.faults == ["prices does not run: no Java"]
    assert result.best is None
    assert absences(result.started) == result.faults
    services = result.document()["services"]
    assert isinstance(services, dict)
    assert services["prices"]["reason"] == "no Java"


def test_the_best_of_broken_traces_is_the_one_that_got_furthest() -> None:
    """It is shown although the promise was not kept."""
    short = [span("1", trace="short")]
    broken = checkout()[:5]

    assert _result([*short, *broken]).best == trace_of(broken)
