"""SQL without what may be secret: literals become `?`, comments go.

What a quote means depends on the database and its settings. Where a text can be read in two ways
(a backslash in front of a quote, what only some databases take for a comment), it ends there, and
where passwords or data come that have no quotes.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from typing import NamedTuple

MYSQL, POSTGRESQL, SQLITE, CLICKHOUSE = "mysql", "postgresql", "sqlite", "clickhouse"
SQL_SERVER, ORACLE, OTHER_SQL = "microsoft.sql_server", "oracle.db", "other_sql"

LITERAL = "?"
_CUT = "\N{HORIZONTAL ELLIPSIS}"


class Kind(Enum):
    """What a piece of a query is."""

    SPACE = 0
    """Or a comment: no token."""
    WORD = 1
    """A key word, or a name with its quotes."""
    LITERAL = 2
    OTHER = 3
    END = 4
    """What stands here and behind cannot be read with certainty."""


class Token(NamedTuple):
    """A piece of a query; `apart` from the one before by space or a comment."""

    kind: Kind
    text: str
    apart: bool


_TOKENS = re.compile(
    r"""(?P<space> \s+ )
    | (?P<line> -- (?= \s | $ ) [^\r\n]* )
    | (?P<dashes> -- [^\r\n]* )
    | (?P<hash> \# [^\r\n]* )
    | (?P<slashes> // )
    | (?P<comment> /\* .*? (?: \*/ | $ ) )
    | (?P<string> (?P<prefix> [^\W\d]\w*&? )? ' (?: [^'] | '' )* (?: ' | $ ) )
    | (?P<dollars> (?P<tag> \$ (?: [^\W\d]\w* )? \$ ) .*? (?: (?P=tag) | $ ) )
    | (?P<double> " (?: [^"] | "" )* (?: " | $ ) )
    | (?P<backtick> ` (?: [^`] | `` )* (?: ` | $ ) )
    | (?P<square> \[ [^\]]* (?: \] | $ ) )
    | (?P<named> (?: (?<! : ) : | @@? ) [^\W\d]\w* )
    | (?P<numbered> [$:?] \d+ (?! [\w.] ) )
    | (?P<word> [^\W\d][\w$]* )
    | (?P<number> \.? \d (?: [eE][+-]\d | [\w.] )* )
    | (?P<other> . )""",
    re.VERBOSE | re.DOTALL,
)

_PLAIN_STRINGS = frozenset({SQLITE, SQL_SERVER, ORACLE})
"""Where a backslash in a string stands for itself, whatever the settings."""
_UNDERSTOOD = _PLAIN_STRINGS | {MYSQL, POSTGRESQL, CLICKHOUSE}
_DOUBLE_IS_NAME = frozenset({POSTGRESQL, SQL_SERVER, ORACLE, CLICKHOUSE})
_NUMBERED = {POSTGRESQL: "$", SQLITE: "$:?", ORACLE: ":"}
"""What numbers of parameters follow; `$1` is money in SQL Server."""

# After what secrets may stand without quotes.
_BARE = frozenset({("IDENTIFIED", "BY"), ("FROM", "STDIN"), ("LOCAL", "STDIN")})
_BARE_IN = {
    "PASSWORD": frozenset({"ALTER", "CONNECT", "CREATE", "GRANT", "MODIFY", "SET"}),
    "KEY": frozenset({"PRAGMA"}),  # SQLCipher's
    "REKEY": frozenset({"PRAGMA"}),
}
"""By the word in front of them: statements that have them."""
_HAVE_COLUMNS = frozenset({"FUNCTION", "INDEX", "PROCEDURE", "TABLE", "TRIGGER", "VIEW"})
_NO_FORMATS = frozenset({"AS", "FROM"})


def clean(query: str, system: str, *, is_cut: bool = False) -> str:
    """The query without literals and comments; of one that `is_cut` its last piece goes, too."""
    found = list(tokens(query, system))
    if is_cut and found:
        found[-1] = Token(Kind.END, _CUT, found[-1].apart)
    return "".join(f" {one.text}" if one.apart else one.text for one in found).strip()


def tokens(query: str, system: str) -> Iterator[Token]:
    """The tokens of a query; the last one is an END where the rest is not certain."""
    apart, position = False, 0
    said: list[str] = []  # by the statement so far
    while match := _TOKENS.match(query, position):
        kind = _READERS[match.lastgroup or "other"](match, system, said)
        if kind is not Kind.SPACE and _is_bare(said, system):
            kind = Kind.END
        text = _TEXTS.get(kind, match[0])
        position = match.end()
        if kind is Kind.OTHER:  # the first character alone
            text, position = text[0], match.start() + 1
        if kind is Kind.SPACE:
            apart = True
            continue
        yield Token(kind, text, apart)
        if kind is Kind.END:
            return
        apart = False
        said.append(text.upper())
        if text == ";":
            said = []


def _is_bare(said: Sequence[str], system: str) -> bool:
    """Whether a password without quotes may follow, or data: of COPY, of ClickHouse's INSERT."""
    if len(said) < 2:  # noqa: PLR2004 - a pair
        return False
    first, (before, last) = said[0], said[-2:]
    if before == "FORMAT" and "INSERT" in said:
        is_clear = system in _UNDERSTOOD - {CLICKHOUSE}
        return last[0].isalpha() and last not in _NO_FORMATS and not is_clear
    is_secret = first in _BARE_IN.get(last, ()) and _HAVE_COLUMNS.isdisjoint(said[1:4])
    return is_secret or (before, last) in _BARE


_TEXTS = {Kind.LITERAL: LITERAL, Kind.END: LITERAL}
_Reader = Callable[[re.Match[str], str, Sequence[str]], Kind]


def _always(kind: Kind) -> _Reader:
    return lambda _match, _system, _said: kind


def _line(match: re.Match[str], _system: str, _said: object) -> Kind:
    """For some a carriage return alone ends the line."""
    return Kind.END if re.match(r"\r(?!\n)", match.string[match.end() :]) else Kind.SPACE


def _dashes(match: re.Match[str], system: str, said: object) -> Kind:
    """MySQL wants a space behind the dashes, for a comment."""
    return Kind.END if system in {MYSQL, OTHER_SQL} else _line(match, system, said)


def _hash(match: re.Match[str], system: str, said: object) -> Kind:
    if system == MYSQL:
        return _line(match, system, said)
    return Kind.END if system in {CLICKHOUSE, OTHER_SQL} else Kind.OTHER


def _comment(match: re.Match[str], _system: str, _said: object) -> Kind:
    """Some nest comments; MySQL executes those that begin with an exclamation mark."""
    body = match[0][2:]
    is_odd = body.startswith("!") or "/*" in body or not body.endswith("*/")
    return Kind.END if is_odd else Kind.SPACE


def _string(match: re.Match[str], system: str, _said: object) -> Kind:
    if (match["prefix"] or "").lower() in {"q", "nq"}:  # q'[it's]', Oracle's and Firebird's
        return Kind.END
    if system in _PLAIN_STRINGS:
        return Kind.LITERAL
    return Kind.END if _is_triple(match, system) else _quoted(match, Kind.LITERAL)


def _is_triple(match: re.Match[str], system: str) -> bool:
    """Whether three quotes may be one, as BigQuery and Spark have them."""
    return system not in _UNDERSTOOD and match[0][-1] * 3 in match[0]


def _quoted(match: re.Match[str], kind: Kind) -> Kind:
    return Kind.END if "\\" + match[0][-1] in match[0] else kind


def _dollars(_match: re.Match[str], system: str, _said: object) -> Kind:
    return Kind.LITERAL if system == POSTGRESQL else Kind.END


def _double(match: re.Match[str], system: str, said: Sequence[str]) -> Kind:
    """SQLite takes a name that it does not know for a string, except where a table has to be."""
    if _is_triple(match, system):
        return Kind.END
    before, last = ("", "", *said)[-2:]
    is_table = last in {"INTO", "JOIN", "TABLE", "."} or (last == "FROM" and before != "DISTINCT")
    is_name = system in _DOUBLE_IS_NAME or (system == SQLITE and is_table)
    return _quoted(match, _closed(match, '"') if is_name else Kind.LITERAL)


def _backtick(match: re.Match[str], system: str, _said: object) -> Kind:
    is_quote = system in {MYSQL, SQLITE, CLICKHOUSE, OTHER_SQL}
    return _quoted(match, _closed(match, "`")) if is_quote else Kind.END


def _closed(match: re.Match[str], quote: str) -> Kind:
    """A name that does not end is none."""
    is_closed = len(match[0]) > 1 and match[0].endswith(quote) and match[0].count(quote) % 2 == 0
    return Kind.WORD if is_closed else Kind.END


def _square(match: re.Match[str], system: str, _said: object) -> Kind:
    """A name, or the begin of a list."""
    has_quote = any(quote in match[0] for quote in "'\"`")
    if system in {SQL_SERVER, SQLITE}:
        is_sure = match[0].endswith("]") and not match.string.startswith("]", match.end())
        return Kind.WORD if is_sure else Kind.END
    return Kind.END if has_quote and system == OTHER_SQL else Kind.OTHER


def _numbered(match: re.Match[str], system: str, _said: object) -> Kind:
    return Kind.WORD if match[0][0] in _NUMBERED.get(system, "") else Kind.OTHER


_READERS: dict[str, _Reader] = {
    "space": _always(Kind.SPACE),
    "line": _line,
    "dashes": _dashes,
    "hash": _hash,
    "slashes": _always(Kind.END),  # a comment, or nothing that is known
    "comment": _comment,
    "string": _string,
    "dollars": _dollars,
    "double": _double,
    "backtick": _backtick,
    "square": _square,
    "named": _always(Kind.WORD),
    "numbered": _numbered,
    "word": _always(Kind.WORD),
    "number": _always(Kind.LITERAL),
    "other": _always(Kind.OTHER),
}
