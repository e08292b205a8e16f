"""Spans of databases, by the stable semantic conventions: https://opentelemetry.io/docs/specs/semconv/db/.

Operation and table are in the summary alone: of a text that may name several the conventions want
them nowhere else.
"""

from functools import lru_cache
from typing import NamedTuple

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanKind

from nodeagent.probes.sql import Call, DatabaseCall
from nodeagent.spans import sqltext
from nodeagent.spans.span import Where, scope, span
from nodeagent.spans.sqlsummary import summary

_SYSTEMS = {
    "pq": sqltext.POSTGRESQL,
    "stdlib": sqltext.POSTGRESQL,  # pgx
    "pgdriver": sqltext.POSTGRESQL,
    "mysql": sqltext.MYSQL,
    "sqlite": sqltext.SQLITE,  # modernc.org
    "sqlite3": sqltext.SQLITE,
    "mssql": sqltext.SQL_SERVER,
    "godror": sqltext.ORACLE,
    "go_ora": sqltext.ORACLE,
    "clickhouse": sqltext.CLICKHOUSE,
    "trino": "trino",
    "firebirdsql": "firebirdsql",
    "go_ibm_db": "ibm.db2",
}
"""Which database a driver is for, by the name of its package."""

_OPERATIONS = {
    Call.STATEMENT: "",
    Call.PREPARE: "PREPARE",
    Call.BEGIN: "BEGIN",
    Call.COMMIT: "COMMIT",
    Call.ROLLBACK: "ROLLBACK",
    Call.DISCARD: "ROLLBACK",
}
_SCOPE = scope("database/sql")


def database_span(call: DatabaseCall, where: Where) -> ReadableSpan:
    """The span of a call of a database."""
    system = system_of(call.driver)
    operation = _OPERATIONS[call.call]
    query = _clean(call.query, system, call.is_cut)
    brief = "" if operation else query.summary
    attributes = {
        "db.system.name": system,
        "db.operation.name": operation,
        "db.query.text": query.text,
        "db.query.summary": brief,
        "error.type": (call.error or "_OTHER") if call.failed else "",
    }
    return span(
        *(call.head, where, _SCOPE, brief or operation or system),
        kind=SpanKind.CLIENT,
        attributes={name: value for name, value in attributes.items() if value},
        is_error=call.failed,
    )


@lru_cache(maxsize=64)
def system_of(driver: str) -> str:
    """The database of a driver's type (`*pq.Driver`); `other_sql` where that is not known."""
    return _SYSTEMS.get(driver.lstrip("*").partition(".")[0], sqltext.OTHER_SQL)


class _Query(NamedTuple):
    text: str
    summary: str


@lru_cache(maxsize=4096)
def _clean(query: str, system: str, is_cut: bool) -> _Query:  # noqa: FBT001 - a key of the cache
    """Programs say the same few things again and again: each is read once."""
    brief = summary(sqltext.tokens(query, system))
    return _Query(sqltext.clean(query, system, is_cut=is_cut), brief)
