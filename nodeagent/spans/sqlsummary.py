"""What a query does to which tables, in a few words: `INSERT orders SELECT items`.

As the semantic conventions describe `db.query.summary`: operations and their targets in the order
of the text. It is not a parser; where a text is not understood the summary says less.
"""

from collections.abc import Iterable

from nodeagent.spans.sqltext import Kind, Token

_MOST = 255
_STATEMENTS = frozenset(
    {
        *("ALTER", "ANALYZE", "BEGIN", "CALL", "COMMIT", "COPY", "CREATE", "DELETE", "DESCRIBE"),
        *("DROP", "EXEC", "EXECUTE", "EXPLAIN", "GRANT", "INSERT", "LOCK", "MERGE", "PRAGMA"),
        *("REFRESH", "REPLACE", "REVOKE", "ROLLBACK", "SELECT", "SET", "SHOW", "TRUNCATE"),
        *("UPDATE", "UPSERT", "USE", "VACUUM", "VALUES"),
    }
)
_NAMES_FOLLOW = frozenset({"CALL", "EXEC", "EXECUTE", "TRUNCATE", "UPDATE"})
"""Statements whose target stands behind them."""
_OBJECTS = frozenset(
    {"DATABASE", "FUNCTION", "INDEX", "PROCEDURE", "SCHEMA", "TABLE", "TRIGGER", "TYPE", "VIEW"}
)
_CLAUSES = frozenset({"FROM", "INTO", "JOIN"})
_PASSED = frozenset(
    {
        "CONCURRENTLY",
        "EXISTS",
        "IF",
        "IGNORE",
        "LATERAL",
        "LOW_PRIORITY",
        "NOT",
        "ONLY",
        "OR",
        "TABLE",
    }
)
"""What may stand between a key word and the name."""
_OPEN, _CLOSE, _COMMA, _DOT, _SEMICOLON = "(", ")", ",", ".", ";"


class _Reader:
    """Goes through the tokens once; `waiting` while the next word is a target."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self._reading: list[bool] = [False]  # by parentheses: whether a FROM is one of a query's
        self._statement = ""
        self._waiting = False
        self._listed = False  # a comma may lead to one more target
        self._dotted = False

    def take(self, token: Token) -> None:
        if token.kind is Kind.WORD:
            self._word(token.text)
        elif token.kind is Kind.OTHER:
            self._sign(token.text)
        else:
            self._waiting = self._listed = self._dotted = False

    def _word(self, text: str) -> None:
        word = text.upper()
        if self._dotted and self.parts:
            self.parts[-1] += f".{_bare(text)}"
            self._dotted = False
        elif self._waiting and word in _PASSED | {"INTO", "FROM"}:
            return
        elif not self._statement or word == "SELECT":
            self._begin(word)
        elif word in _OBJECTS and self._statement in {"CREATE", "DROP", "ALTER"}:
            self.parts.append(word)
            self._statement, self._waiting = word, True
        elif self._waiting:
            self.parts.append(_bare(text))
            self._waiting, self._listed = False, True
        elif word in _CLAUSES:
            self._clause(word)
        elif word in {"WHERE", "SET", "ON", "GROUP", "ORDER", "LIMIT", "VALUES", "USING"}:
            self._listed = False

    def _begin(self, word: str) -> None:
        if word not in _STATEMENTS:
            return
        self._statement = word
        self.parts.append(word)
        self._waiting, self._listed = word in _NAMES_FOLLOW, False
        self._reading[-1] = word in {"SELECT", "DELETE"}

    def _clause(self, word: str) -> None:
        """Not every FROM is that of a query: `EXTRACT(year FROM day)`, `IS DISTINCT FROM`."""
        if word == "FROM":
            self._waiting, self._reading[-1] = self._reading[-1], False
        else:
            self._waiting = True

    def _sign(self, sign: str) -> None:
        self._dotted = sign == _DOT and self._listed
        if sign == _OPEN:
            self._reading.append(False)
            self._waiting = self._listed = False
        elif sign == _CLOSE:
            self._waiting = self._listed = False
            if len(self._reading) > 1:
                self._reading.pop()
        elif sign == _COMMA:
            self._waiting = self._listed
        elif sign == _SEMICOLON:
            self._statement, self._waiting, self._listed = "", False, False


def _bare(name: str) -> str:
    return name[1:-1] if name[0] in '"`[' else name


def summary(tokens: Iterable[Token]) -> str:
    """Operations and targets, 255 characters at most; empty where nothing is known."""
    reader = _Reader()
    for token in tokens:
        reader.take(token)
    text = " ".join(reader.parts)
    return text if len(text) <= _MOST else text[:_MOST].rpartition(" ")[0]
