from typing import Any

import pytest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanKind, StatusCode

from nodeagent.probes.sql import Call, DatabaseCall
from nodeagent.spans.database import database_span, system_of
from nodeagent.spans.span import Where
from tests.nodeagent.spans.requests import HEAD

_CALL = DatabaseCall(
    head=HEAD,
    call=Call.STATEMENT,
    failed=False,
    is_cut=False,
    driver="*pq.Driver",
    query="SELECT name FROM items WHERE id = 7",
    error="",
)


def _span(**changes: Any) -> ReadableSpan:
    return database_span(_CALL._replace(**changes), Where(Resource({}), 0))


def test_a_statement_is_a_client_span() -> None:
    """Its name is the summary; operation and table stand nowhere else."""
    span = _span()

    assert (span.name, span.kind) == ("SELECT items", SpanKind.CLIENT)
    assert span.status.status_code is StatusCode.UNSET
    assert dict(span.attributes or {}) == {
        "db.system.name": "postgresql",
        "db.query.text": "SELECT name FROM items WHERE id = ?",
        "db.query.summary": "SELECT items",
    }


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (Call.PREPARE, "PREPARE"),
        (Call.BEGIN, "BEGIN"),
        (Call.COMMIT, "COMMIT"),
        (Call.ROLLBACK, "ROLLBACK"),
        (Call.DISCARD, "ROLLBACK"),
    ],
)
def test_other_calls_are_operations(call: Call, name: str) -> None:
    """What is no query has the name of its operation."""
    span = _span(call=call, query="")

    assert span.name == name
    assert dict(span.attributes or {}) == {
        "db.system.name": "postgresql",
        "db.operation.name": name,
    }


@pytest.mark.parametrize(("error", "type_"), [("*pq.Error", "*pq.Error"), ("", "_OTHER")])
def test_a_failure_has_the_type_of_its_error(error: str, type_: str) -> None:
    """Or `_OTHER`, where the type is not known."""
    span = _span(failed=True, error=error)

    assert span.status.status_code is StatusCode.ERROR
    assert (span.attributes or {})["error.type"] == type_


def test_a_query_that_is_not_understood_has_the_systems_name() -> None:
    """So that names stay few."""
    assert _span(query="what is this").name == "postgresql"


@pytest.mark.parametrize(
    ("driver", "system"),
    [
        ("*pq.Driver", "postgresql"),
        ("*stdlib.driverConnector", "postgresql"),
        ("*mysql.connector", "mysql"),
        ("mysql.MySQLDriver", "mysql"),
        ("*sqlite.Driver", "sqlite"),
        ("*sqlite3.SQLiteDriver", "sqlite"),
        ("*mssql.Connector", "microsoft.sql_server"),
        ("*godror.drv", "oracle.db"),
        ("*clickhouse.stdConnOpener", "clickhouse"),
        ("*main.Driver", "other_sql"),
        ("", "other_sql"),
    ],
)
def test_the_system_is_that_of_the_driver(driver: str, system: str) -> None:
    """By the package that its type lies in."""
    assert system_of(driver) == system
