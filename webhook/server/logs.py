"""One line per review on stderr: JSON for machines, plain text for a person at a terminal."""

import logging
import traceback
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Literal, TextIO, get_args

import msgspec

from webhook.review import Review, audit
from webhook.server.reviewer import Answer

Level = Literal["debug", "info", "warning", "error"]
Format = Literal["auto", "json", "text"]
LEVELS: tuple[Level, ...] = get_args(Level)

_encode = msgspec.json.Encoder().encode
_Fields = Mapping[str, Any]
_OK = int(HTTPStatus.OK)  # an enum's member costs more to look up than to compare


def _now() -> datetime:
    return datetime.now(UTC)


class Log:
    """Writes lines of at least `level`.

    Never raises: a full disk or a closed pipe must not cost a pod its answer.
    """

    def __init__(
        self,
        stream: TextIO,
        style: Format = "auto",
        level: Level = "info",
        clock: Callable[[], datetime] = _now,
    ) -> None:
        as_text = stream.isatty() if style == "auto" else style == "text"
        self._line = _text_line if as_text else _json_line
        self._stream = stream
        self._clock = clock
        self._shown = frozenset(LEVELS[LEVELS.index(level) :])

    def reviewed(self, answer: Answer, seconds: float) -> None:
        """A request to /mutate that was answered."""
        level = _level(answer)
        if level in self._shown:
            self._write(level, "review", _review_fields(answer, seconds))

    def event(self, level: Level, message: str, **fields: Any) -> None:
        """Anything else that happened."""
        if level in self._shown:
            self._write(level, message, fields)

    def _write(self, level: Level, message: str, fields: _Fields) -> None:
        # Not contextlib.suppress: three calls for each line.
        try:
            self._stream.write(self._line(self._clock(), level, message, fields))
            self._stream.flush()
        except (OSError, ValueError):
            pass


class LibraryHandler(logging.Handler):
    """Passes on what libraries say through `logging`, so that stderr holds one format."""

    def __init__(self, log: Log) -> None:
        super().__init__(logging.WARNING)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record as an event."""
        level: Level = "error" if record.levelno >= logging.ERROR else "warning"
        fields: dict[str, Any] = {"logger": record.name}
        if record.exc_info and record.exc_info[1] is not None:
            fields["traceback"] = _traceback(record.exc_info[1])
        self._log.event(level, record.getMessage(), **fields)


def _level(answer: Answer) -> Level:
    if answer.failure is not None:
        return "error"
    return "info" if answer.status == _OK else "warning"


def _review_fields(answer: Answer, seconds: float) -> dict[str, Any]:
    fields: dict[str, Any] = {"duration_ms": round(seconds * 1000, 3)}
    if answer.status != _OK:
        fields |= {"status": answer.status, "answer": msgspec.Raw(answer.body)}
    if answer.review is not None:
        _add_who(fields, answer.review)
    if answer.outcome is not None:
        fields["decisions"] = audit(answer.outcome.decisions)
    if answer.failure is not None:
        fields["traceback"] = _traceback(answer.failure)
    return fields


def _add_who(fields: dict[str, Any], review: Review) -> None:
    metadata = review.object.get("metadata")
    names = metadata if isinstance(metadata, dict) else {}
    fields["uid"] = review.uid
    fields["namespace"] = review.namespace or ""
    fields["pod"] = review.name or names.get("name") or names.get("generateName") or ""
    if review.dry_run:
        fields["dry_run"] = True


def _traceback(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))


def _json_line(now: datetime, level: Level, message: str, fields: _Fields) -> str:
    return _encode({"time": now, "level": level, "message": message, **fields}).decode() + "\n"


def _text_line(now: datetime, level: Level, message: str, fields: _Fields) -> str:
    said = _review_text(fields) if "pod" in fields else _event_text(message, fields)
    trace = f"\n{fields['traceback']}" if "traceback" in fields else ""
    return f"{now.astimezone():%H:%M:%S} {level:<7} {_printable(said)}{trace}".rstrip() + "\n"


def _printable(text: str) -> str:
    """Names are what a stranger sent: no escape sequences for the terminal, no forged lines."""
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)


def _review_text(fields: _Fields) -> str:
    """`shop/cart-  app=inject:python  0.21 ms`."""
    pod = f"{fields['namespace'] or '-'}/{fields['pod'] or '-'}"
    return f"{pod}  {fields.get('decisions') or 'untouched'}  {fields['duration_ms']:.2f} ms"


def _event_text(message: str, fields: _Fields) -> str:
    shown = (_pair(name, value) for name, value in fields.items() if name != "traceback")
    return "  ".join((message, *shown))


def _pair(name: str, value: Any) -> str:
    return f"{name}={bytes(value).decode() if isinstance(value, msgspec.Raw) else value}"
