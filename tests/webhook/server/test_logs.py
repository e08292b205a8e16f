import io
import json
import logging
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.webhook.server.serving import POD
from webhook.model import Decided, Inject, Outcome, Skip, Target
from webhook.reasons import Reason
from webhook.review import Review
from webhook.server.logs import Level, LibraryHandler, Log
from webhook.server.reviewer import Answer

NOW = datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=UTC)
OUTCOME = Outcome(
    decisions=(
        Decided(Target("containers", 0, {"name": "app"}, "app"), Inject("python")),
        Decided(Target("containers", 1, {"name": "proxy"}, "proxy"), Skip(Reason.KNOWN_SIDECAR)),
    )
)
REVIEW = Review(uid="u-1", object=POD, kind="Pod", namespace="shop")
GOOD = Answer(200, b"{}", REVIEW, OUTCOME)


class Terminal(io.StringIO):
    """Text that says it is a terminal."""

    def isatty(self) -> bool:
        """Always."""
        return True


def logged(answer: Answer, level: Level = "info") -> list[dict[str, Any]]:
    """What is written about an answer."""
    stream = io.StringIO()
    Log(stream, level=level, clock=lambda: NOW).reviewed(answer, 0.000512)
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def raised(error: Exception) -> Exception:
    """The error with a traceback."""
    try:
        raise error
    except type(error) as caught:
        return caught


def test_one_line_per_review() -> None:
    """The line has level, time, uid, namespace, pod, duration and decisions."""
    assert logged(GOOD) == [
        {
            "time": "2026-11-23T12:00:00.123456Z",
            "level": "info",
            "message": "review",
            "duration_ms": 0.512,
            "uid": "u-1",
            "namespace": "shop",
            "pod": "cart-",
            "decisions": "app=inject:python,proxy=skip:KnownSidecar",
        }
    ]


def test_dry_run_is_noted() -> None:
    """A dry run can be told from the real thing."""
    dry = Review(uid="u-1", object={}, kind="Pod", name="cart", dry_run=True)

    assert [(line["pod"], line["dry_run"]) for line in logged(Answer(200, b"{}", dry))] == [
        ("cart", True)
    ]


def test_what_was_no_review_is_a_warning() -> None:
    """A refused body is logged with the answer that it got."""
    (line,) = logged(Answer(400, b'{"error":"no uid"}'))

    assert (line["level"], line["status"], line["answer"]) == ("warning", 400, {"error": "no uid"})


def test_failures_carry_their_traceback() -> None:
    """A caught bug is an error with all that is needed to report it."""
    failure = raised(KeyError("spec"))

    (line,) = logged(Answer(200, b"{}", REVIEW, Outcome(failure=failure), failure))

    assert line["level"] == "error"
    assert "KeyError: 'spec'" in line["traceback"]
    assert "test_logs.py" in line["traceback"]


@pytest.mark.parametrize(
    ("level", "written"),
    [("debug", 1), ("info", 1), ("warning", 0), ("error", 0)],
    ids=["debug", "info", "warning", "error"],
)
def test_level(level: Level, written: int) -> None:
    """Lines for reviews can be silenced."""
    assert len(logged(GOOD, level)) == written


def test_text_for_a_terminal() -> None:
    """A person gets a plain line."""
    stream = Terminal()

    Log(stream, clock=lambda: NOW).reviewed(GOOD, 0.000512)

    said = "shop/cart-  app=inject:python,proxy=skip:KnownSidecar  0.51 ms\n"
    assert stream.getvalue().endswith(f" info    {said}")


def test_text_of_events() -> None:
    """Other events show their fields, and a traceback below."""
    stream = Terminal()
    log = Log(stream, clock=lambda: NOW)

    log.event("warning", "too large", status=413)
    log.reviewed(Answer(400, b'{"error":"x"}'), 0.001)
    log.event("error", "failed", traceback="Traceback\nKeyError\n")

    assert [line[9:] for line in stream.getvalue().splitlines()[:3]] == [
        "warning too large  status=413",
        'warning review  duration_ms=1.0  status=400  answer={"error":"x"}',
        "error   failed",
    ]
    assert stream.getvalue().endswith("Traceback\nKeyError\n")


def test_json_may_be_asked_for_at_a_terminal() -> None:
    """The format can be set."""
    stream = Terminal()

    Log(stream, "json", clock=lambda: NOW).event("info", "hello")

    assert json.loads(stream.getvalue())["message"] == "hello"


def test_closed_stream_costs_nothing() -> None:
    """A log that cannot be written does not fail the review."""
    stream = io.StringIO()
    log = Log(stream, clock=lambda: NOW)
    stream.close()

    log.reviewed(GOOD, 0.001)


@pytest.mark.parametrize("stream", [io.StringIO(), Terminal()], ids=["json", "text"])
def test_line_breaks_cannot_forge_lines(stream: io.StringIO) -> None:
    """What a stranger sends stays inside its line, and cannot command a terminal."""
    forged = Review(uid="u\n{}", object={}, kind="Pod", namespace="a\r\nb\x1b[2J")

    Log(stream, clock=lambda: NOW).reviewed(Answer(200, b"{}", forged), 0.001)

    assert len(stream.getvalue().splitlines()) == 1
    assert "\x1b" not in stream.getvalue()


def test_libraries_write_the_same_format() -> None:
    """What a library logs is one line as well, with its traceback as a field."""
    stream = io.StringIO()
    handler = LibraryHandler(Log(stream, clock=lambda: NOW))
    error = raised(ValueError("x"))
    info = (type(error), error, error.__traceback__)
    record = logging.LogRecord("uvicorn.error", logging.ERROR, "f", 1, "odd %s", ("thing",), info)

    handler.emit(record)

    line = json.loads(stream.getvalue())
    assert (line["level"], line["message"], line["logger"]) == (
        "error",
        "odd thing",
        "uvicorn.error",
    )
    assert "ValueError: x" in line["traceback"]
