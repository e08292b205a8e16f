"""Calls of databases through database/sql, whatever the driver is. See sql.bpf.c.

A call's end is seen at its returns, which are single-stepped: 10 to 15 µs of a call that takes a
database ten times as long.
"""

from enum import IntEnum
from struct import Struct
from typing import NamedTuple

from nodeagent.probes.probe import Descriptor, Field, Hook, Probe
from nodeagent.probes.record import Head, Record

# struct sql: length, call, failed.
_FACTS = Struct("=IBB2x")
_QUERY = 463  # bytes of a query that a record has

_DB = ("database/sql.DB",)
_STATEMENT = ("database/sql.Stmt",)
_TRANSACTION = ("database/sql.Tx",)


class Call(IntEnum):
    """What was asked of the database."""

    STATEMENT = 0
    PREPARE = 1
    BEGIN = 2
    COMMIT = 3
    ROLLBACK = 4
    DISCARD = 5
    """A rollback since the transaction's context was cancelled."""


class DatabaseCall(NamedTuple):
    """A call that has ended.

    `driver` and `error` are names of Go types (`*pq.Driver`, `*pq.Error`), empty where they are not
    known; `query` holds what may be secret, and is cut where `is_cut`.
    """

    head: Head
    call: Call
    failed: bool
    is_cut: bool
    driver: str
    query: str
    error: str


_CALLS = tuple(Call)


def read(record: Record) -> DatabaseCall:
    """The call that a record tells of. Raises struct.error when it is shorter than any."""
    length, call, failed = _FACTS.unpack_from(record.facts)
    driver, query, error, *_ = record.texts
    return DatabaseCall(
        *(record.head, _CALLS[call], bool(failed), length > _QUERY), *(driver, query, error)
    )


def _hooks(function: str, program: str, returns: str) -> tuple[Hook, ...]:
    """None is required: what a program never calls the linker leaves out."""
    symbols = (f"database/sql.{function}",)
    return (
        Hook(symbols, program, required=False),
        Hook(symbols, returns, required=False, at_returns=True),
    )


SQL = Probe(
    name="database/sql",
    source="sql.bpf.c",
    hooks=(
        *_hooks("(*DB).queryDC", "sql_query", "sql_returns_pointer"),
        *_hooks("(*DB).execDC", "sql_exec", "sql_returns_interface"),
        *_hooks("(*DB).prepareDC", "sql_prepare", "sql_returns_pointer"),
        *_hooks("(*DB).beginDC", "sql_begin", "sql_returns_pointer"),
        *_hooks("(*Stmt).QueryContext", "sql_statement", "sql_returns_pointer"),
        *_hooks("(*Stmt).ExecContext", "sql_statement", "sql_returns_interface"),
        *_hooks("(*Tx).Commit", "sql_commit", "sql_returns_error"),
        *_hooks("(*Tx).rollback", "sql_rollback", "sql_returns_error"),
    ),
    fields=(
        Field("sql_connector", _DB, "connector"),
        Field("sql_dsn_driver", ("database/sql.dsnConnector",), "driver", required=False),
        Field("sql_statement_db", _STATEMENT, "db", required=False),
        Field("sql_statement_query", _STATEMENT, "query", required=False),
        Field("sql_tx_db", _TRANSACTION, "db", required=False),
        Field("sql_tx_done", _TRANSACTION, "done", required=False),
        Field("sql_tx_context", _TRANSACTION, "ctx", required=False),
    ),
    descriptors=(
        Descriptor("sql_connector_type", "database/sql/driver.Connector"),
        Descriptor("sql_driver_type", "database/sql/driver.Driver"),
        Descriptor("sql_dsn_type", "database/sql.dsnConnector"),
        Descriptor("sql_error_type", "error"),
    ),
    facts=_FACTS,
    read=read,
)
