import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nodeagent.spans.sqltext import (
    CLICKHOUSE,
    MYSQL,
    ORACLE,
    OTHER_SQL,
    POSTGRESQL,
    SQL_SERVER,
    SQLITE,
    clean,
)

_FIREBIRD, _TRINO = "firebirdsql", "trino"
_SYSTEMS = (CLICKHOUSE, MYSQL, ORACLE, OTHER_SQL, POSTGRESQL, SQL_SERVER, SQLITE, _FIREBIRD)
_SECRET = "hunter"  # nothing else in the queries has its letters in this order

# Literals that hold the secret, by the systems for which they are one.
_EVERYWHERE = (
    *("'{}'", "'it''s {}'", "'{} -- '", "'/* {} */'", "N'{}'"),
    *("'\"{}'", "'`{}['", "'{}\n'", "'$${}'", "'\\\\{}'", "'#{}'"),
    *("IDENTIFIED BY {}", 'IDENTIFIED BY "{}"', "; ALTER USER a PASSWORD {}"),
)
_LITERALS = {
    CLICKHOUSE: ("'it\\'s {}'", "$a$it's {}$a$", "INSERT INTO t FORMAT CSV\n7,{}"),
    _FIREBIRD: ("q'{it's {}}'", "x'{}'", '"{}"', "// it's\n'{}'"),
    MYSQL: ('"{}"', "'it\\'s {}'", '"it\\"s {}"', "_utf8'{}'", '"it\'s {}"', 'TRIM("x" FROM "{}")'),
    ORACLE: ("q'[it's {}]'", "nq'!it's {}!'", "'C:\\', '{}'"),
    OTHER_SQL: (
        *('"{}"', "'it\\'s {}'", "q'[it's {}]'", "$$it's {}$$", "// it's\n'{}'"),
        *("'''it's {}'''", '"""it"s {}"""', "r'''it's {}'''", "INSERT INTO t FORMAT CSV\n7,{}"),
    ),
    POSTGRESQL: (
        "COPY t FROM STDIN;\n7\t{}",
        "E'it\\'s {}'",
        "$${}$$",
        "$a$it's {} $$ $a$",
        "U&'{}'",
        "'C:\\', '{}'",
    ),
    SQL_SERVER: ("'C:\\', '{}'", "N'it''s {}'"),
    SQLITE: ("x'{}'", '= "{}"', "'C:\\', '{}'", 'a IS DISTINCT FROM "{}"'),
}
# What may stand around them: quotes in names and comments, in the ways of the systems.
_AROUND = {
    CLICKHOUSE: ('"it\'s"', "`it's`", "['a', 'b']", "-- it's\n", "--it's\n"),
    _FIREBIRD: ("-- it's\n", "--it's\n", "/* it's */"),
    MYSQL: ("`it's`", "# it's\n", "-- it's\n", "/* it's */", "5--3", "/*! it's */"),
    ORACLE: ('"it\'s"', "-- it's\n", "--it's\n", "/*+ it's */", ":1", "v$session"),
    OTHER_SQL: ("-- it's\n", "/* it's */", "# it's\n", "[it's]", "`it's`", "5--'x\n'"),
    POSTGRESQL: ('"it\'s"', "--it's\n", "/* a /* it's */ ' */", "$1", "a #> b", "a[1]", "a::text"),
    SQL_SERVER: ("[it's]", "[it]]'s]", '"it\'s"', "#items", "$1.50", "/* a /* it's */ ' */"),
    SQLITE: ("`it's`", "[it's]", "?1", ":name", "$name", "-- it's\n"),
}
_PLAIN = ("SELECT", "FROM", "items", "=", ",", "(", ")", "\n", "-", ".", "1", ";")


@st.composite
def _queries(draw: st.DrawFn) -> tuple[str, str]:
    system = draw(st.sampled_from(_SYSTEMS))
    literals = st.sampled_from(_LITERALS[system] + _EVERYWHERE)
    pieces = st.one_of(
        st.sampled_from(_PLAIN), st.sampled_from(_AROUND[system]), literals.map(_with_secret)
    )
    return system, " ".join(draw(st.lists(pieces, max_size=12)))


def _with_secret(literal: str) -> str:
    return literal.replace("{}", _SECRET)


@given(_queries(), st.floats(0, 1))
@example((MYSQL, "SELECT 'it\\'s', 'hunter'"), 1)
def test_no_literal_survives(case: tuple[str, str], part: float) -> None:
    """Whatever stands around it, and wherever the query was cut."""
    system, query = case
    cut = query[: round(len(query) * part)]

    assert _SECRET[:3] not in clean(query, system)
    assert _SECRET[:3] not in clean(cut, system, is_cut=True)


@given(st.text(alphabet="'\"`[]$qE\\-/*#\n\r ;:@?.1a(", max_size=40), st.sampled_from(_SYSTEMS))
def test_anything_is_read(query: str, system: str) -> None:
    """No text is too odd, and none becomes longer."""
    said = clean(query, system)

    assert len(said) <= len(query)
    assert "\n" not in said.replace("`", '"').partition('"')[0].partition("[")[0]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("SELECT * FROM items WHERE id = 7", "SELECT * FROM items WHERE id = ?"),
        ("WHERE a IN (1, 2.5, .5, 1e-5, 0xFF, -3)", "WHERE a IN (?, ?, ?, ?, ?, -?)"),
        ("WHERE name='it''s' AND b = N'x'", "WHERE name=? AND b = ?"),
        ("SELECT item1, t2.c3 FROM t2", "SELECT item1, t2.c3 FROM t2"),
        ("SELECT  a -- why\n , b /* and\n why */ FROM t\n", "SELECT a , b FROM t"),
        ("WHERE id = $1 AND n = $12::text", "WHERE id = $1 AND n = $12::text"),
        ('SELECT "a""b" FROM "c"', 'SELECT "a""b" FROM "c"'),
        ("SELECT $$it's$$, $a$ $$ $a$, b", "SELECT ?, ?, b"),
        ("SELECT a[1:2], b ->> 'key'", "SELECT a[?:?], b ->> ?"),
        ("WHERE a ? 'key' LIMIT ?", "WHERE a ? ? LIMIT ?"),
        ("VALUES ('open", "VALUES (?"),
        ("", ""),
    ],
)
def test_literals_are_replaced(query: str, said: str) -> None:
    """Numbers and strings; names, key words and parameters stay."""
    assert clean(query, POSTGRESQL) == said


@pytest.mark.parametrize(
    ("system", "query", "said"),
    [
        (MYSQL, 'SELECT `a` FROM b WHERE c = "d"', "SELECT `a` FROM b WHERE c = ?"),
        (MYSQL, "SELECT 1 # it's\n, a", "SELECT ? , a"),
        (SQLITE, 'SELECT "a" FROM "b" WHERE c = :c', 'SELECT ? FROM "b" WHERE c = :c'),
        (SQLITE, "SELECT [a] FROM b WHERE c = ?1", "SELECT [a] FROM b WHERE c = ?1"),
        (SQL_SERVER, "SELECT [a b] FROM #t WHERE c = @p1", "SELECT [a b] FROM #t WHERE c = @p1"),
        (SQL_SERVER, "WHERE price = $1.50 OR price = $2", "WHERE price = $? OR price = $?"),
        (ORACLE, "SELECT * FROM v$session WHERE a = :1", "SELECT * FROM v$session WHERE a = :1"),
        (OTHER_SQL, "SELECT a[1] FROM b WHERE c = $1", "SELECT a[?] FROM b WHERE c = $?"),
    ],
)
def test_systems_have_their_ways(system: str, query: str, said: str) -> None:
    """Names, parameters and comments that only some of them have."""
    assert clean(query, system) == said


@pytest.mark.parametrize(
    ("system", "query", "said"),
    [
        (MYSQL, r"SELECT a, 'it\'s', b", "SELECT a, ?"),
        (POSTGRESQL, r"SELECT a, E'it\'s', b", "SELECT a, ?"),
        (POSTGRESQL, "SELECT a /* b /* c */ d", "SELECT a ?"),
        (MYSQL, "SELECT a --b\n, c", "SELECT a ?"),
        (MYSQL, "SELECT a /*! b */, c", "SELECT a ?"),
        (OTHER_SQL, "SELECT a # b\n, c", "SELECT a ?"),
        (OTHER_SQL, "SELECT ['a'], b", "SELECT ?"),
        (POSTGRESQL, "SELECT a -- b\r, c", "SELECT a ?"),
        (POSTGRESQL, "SELECT `a`", "SELECT ?"),
        (POSTGRESQL, 'SELECT "a', "SELECT ?"),
        (ORACLE, "SELECT q'[it's]', a", "SELECT ?"),
        (SQLITE, "SELECT $a$ b $a$, c", "SELECT ?"),
        (SQL_SERVER, "SELECT [a]]b], c", "SELECT ?"),
        (OTHER_SQL, "// don't cache\nSELECT 'it'", "?"),
        (_TRINO, "SELECT 5 // don't\n, 'it'", "SELECT ? ?"),
        (OTHER_SQL, "SELECT a, '''it's a secret''' FROM t", "SELECT a, ?"),
        (OTHER_SQL, 'SELECT a, """it"s a secret""" FROM t', "SELECT a, ?"),
        (_TRINO, "SELECT a, '''it''' FROM t", "SELECT a, ?"),
        (_FIREBIRD, "SELECT a, q'{it's a secret}' FROM t", "SELECT a, ?"),
        (MYSQL, "SELECT a, nq'{it's a secret}' FROM t", "SELECT a, ?"),
    ],
)
def test_a_text_ends_where_it_is_not_certain(system: str, query: str, said: str) -> None:
    """What can be read in two ways could be a literal in one of them."""
    assert clean(query, system) == said


@pytest.mark.parametrize(
    ("system", "query", "said"),
    [
        (
            ORACLE,
            'CREATE USER u IDENTIFIED BY "secret" QUOTA 1 ON t',
            "CREATE USER u IDENTIFIED BY ?",
        ),
        (ORACLE, "alter user u identified by secret", "alter user u identified by ?"),
        (MYSQL, "CREATE USER u IDENTIFIED /* so */ BY 'a'", "CREATE USER u IDENTIFIED BY ?"),
        (OTHER_SQL, "CREATE USER u PASSWORD secret", "CREATE USER u PASSWORD ?"),
        (OTHER_SQL, "MODIFY USER u AS PASSWORD = secret", "MODIFY USER u AS PASSWORD ?"),
        (POSTGRESQL, "SELECT 1; SET password TO secret", "SELECT ?; SET password ?"),
        (SQL_SERVER, "CREATE LOGIN u WITH PASSWORD = 'a'", "CREATE LOGIN u WITH PASSWORD ?"),
        (SQLITE, "PRAGMA key = secret", "PRAGMA key ?"),
        (CLICKHOUSE, "INSERT INTO t FORMAT CSV\nbob,secret", "INSERT INTO t FORMAT CSV ?"),
        (CLICKHOUSE, 'INSERT INTO t (a) FORMAT Values ("a")', "INSERT INTO t (a) FORMAT Values ?"),
        (OTHER_SQL, "insert into t format TSV a\tsecret", "insert into t format TSV ?"),
        (POSTGRESQL, "COPY t FROM STDIN;\na\tsecret", "COPY t FROM STDIN?"),
        (POSTGRESQL, "COPY t FROM stdin CSV\na,secret", "COPY t FROM stdin ?"),
        (OTHER_SQL, "COPY t FROM LOCAL STDIN a|secret", "COPY t FROM LOCAL STDIN ?"),
    ],
)
def test_a_text_ends_where_secrets_have_no_quotes(system: str, query: str, said: str) -> None:
    """Passwords that are written as names, and the data that stand behind a statement."""
    assert clean(query, system) == said


@pytest.mark.parametrize(
    ("system", "query"),
    [
        (POSTGRESQL, "SELECT id, password FROM users ORDER BY password DESC"),
        (MYSQL, "UPDATE users SET password = ?, a = b WHERE c = ?"),
        (POSTGRESQL, "CREATE TABLE users (password text NOT NULL, a int)"),
        (OTHER_SQL, "CREATE OR REPLACE VIEW v AS SELECT password AS p FROM users"),
        (POSTGRESQL, "INSERT INTO t (format, a) SELECT format b, c FROM d"),
        (CLICKHOUSE, "INSERT INTO t (format, a) SELECT format, b FROM c"),
        (CLICKHOUSE, "INSERT INTO t SELECT a, format FROM b WHERE c = d"),
        (CLICKHOUSE, "SELECT a FROM t FORMAT JSON SETTINGS b = c"),
        (ORACLE, "SELECT a, identified FROM t GROUP BY a ORDER BY b"),
        (SQLITE, "CREATE TABLE t (key text, a int)"),
    ],
)
def test_names_like_those_of_secrets_are_names(system: str, query: str) -> None:
    """Columns may be called `password` or `format`; nothing is lost behind them."""
    assert clean(query, system) == query


def test_the_last_piece_of_a_cut_query_goes() -> None:
    """It may be half of something."""
    assert (
        clean("SELECT a FROM ite", POSTGRESQL, is_cut=True)
        == "SELECT a FROM \N{HORIZONTAL ELLIPSIS}"
    )
    assert clean("", POSTGRESQL, is_cut=True) == ""
