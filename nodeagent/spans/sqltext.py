"""SQL without what may be secret: literals become `?`, comments go.

What a quote means depends on the database and its settings. Where a text can be read in two ways
(a backslash in front of a quote, what only some databases take for a comment), it ends there.
"""

import re
from collections.abc import Callable, Iterator
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
_DOUBLE_IS_NAME = frozenset({POSTGRESQL, SQL_SERVER, ORACLE, CLICKHOUSE})
_NUMBERED = {POSTGRESQL: "$", SQLITE: "$:?", ORACLE: ":"}
"""What numbers of parameters follow; `$1` is money in SQL Server."""


def clean(query: str, system: str, *, is_cut: bool = False) -> str:
    """The query without literals and comments; of one that `is_cut` its last piece goes, too."""
    found = list(tokens(query, system))
    if is_cut and found:
        found[-1] = Token(Kind.END, _CUT, found[-1].apart)
    return "".join(f" {one.text}" if one.apart else one.text for one in found).strip()


def tokens(query: str, system: str) -> Iterator[Token]:
    """The tokens of a query; the last one is an END where the rest is not certain."""
    apart, behind, position = False, ("", ""), 0
    while match := _TOKENS.match(query, position):
        kind = _READERS[match.lastgroup or "other"](match, system, behind)
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
        apart, behind = False, (behind[1], text.upper())


_TEXTS = {Kind.LITERAL: LITERAL, Kind.END: LITERAL}
_Reader = Callable[[re.Match[str], str, tuple[str, str]], Kind]


def _always(kind: Kind) -> _Reader:
    return lambda _match, _system, _behind: kind


def _line(match: re.Match[str], _system: str, _behind: object) -> Kind:
    """For some a carriage return alone ends the line."""
    return Kind.END if re.match(r"\r(?!\n)", match.string[match.end() :]) else Kind.SPACE


def _dashes(match: re.Match[str], system: str, behind: object) -> Kind:
    """MySQL wants a space behind the dashes, for a comment."""
    return Kind.END if system in {MYSQL, OTHER_SQL} else _line(match, system, behind)


def _hash(match: re.Match[str], system: str, behind: object) -> Kind:
    if system == MYSQL:
        return _line(match, system, behind)
    return Kind.END if system in {CLICKHOUSE, OTHER_SQL} else Kind.OTHER


def _comment(match: re.Match[str], _system: str, _behind: object) -> Kind:
    """Some nest comments; MySQL executes those that begin with an exclamation mark."""
    body = match[0][2:]
    is_odd = body.startswith("!") or "/*" in body or not body.endswith("*/")
    return Kind.END if is_odd else Kind.SPACE


def _string(match: re.Match[str], system: str, _behind: object) -> Kind:
    is_alternative = (match["prefix"] or "").lower() in {"q", "nq"}
    if is_alternative and system in {ORACLE, OTHER_SQL}:  # q'[it's]'
        return Kind.END
    return Kind.LITERAL if system in _PLAIN_STRINGS else _quoted(match, Kind.LITERAL)


def _quoted(match: re.Match[str], kind: Kind) -> Kind:
    return Kind.END if "\\" + match[0][-1] in match[0] else kind


def _dollars(_match: re.Match[str], system: str, _behind: object) -> Kind:
    return Kind.LITERAL if system == POSTGRESQL else Kind.END


def _double(match: re.Match[str], system: str, behind: tuple[str, str]) -> Kind:
    """SQLite takes a name that it does not know for a string, except where a table has to be."""
    before, last = behind
    is_table = last in {"INTO", "JOIN", "TABLE", "."} or (last == "FROM" and before != "DISTINCT")
    is_name = system in _DOUBLE_IS_NAME or (system == SQLITE and is_table)
    return _quoted(match, _closed(match, '"') if is_name else Kind.LITERAL)


def _backtick(match: re.Match[str], system: str, _behind: object) -> Kind:
    is_quote = system in {MYSQL, SQLITE, CLICKHOUSE, OTHER_SQL}
    return _quoted(match, _closed(match, "`")) if is_quote else Kind.END


def _closed(match: re.Match[str], quote: str) -> Kind:
    """A name that does not end is none."""
    is_closed = len(match[0]) > 1 and match[0].endswith(quote) and match[0].count(quote) % 2 == 0
    return Kind.WORD if is_closed else Kind.END


def _square(match: re.Match[str], system: str, _behind: object) -> Kind:
    """A name, or the begin of a list."""
    has_quote = any(quote in match[0] for quote in "'\"`")
    if system in {SQL_SERVER, SQLITE}:
        is_sure = match[0].endswith("]") and not match.string.startswith("]", match.end())
        return Kind.WORD if is_sure else Kind.END
    return Kind.END if has_quote and system == OTHER_SQL else Kind.OTHER


def _numbered(match: re.Match[str], system: str, _behind: object) -> Kind:
    return Kind.WORD if match[0][0] in _NUMBERED.get(system, "") else Kind.OTHER


_READERS: dict[str, _Reader] = {
    "space": _always(Kind.SPACE),
    "line": _line,
    "dashes": _dashes,
    "hash": _hash,
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
