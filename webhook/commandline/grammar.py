"""The structure of a shell script: lists, pipelines and compound commands.

Enough of POSIX' shell grammar to tell what runs last, beside what, and under which condition.
Of a function there is its body: what it does depends on where it is called.
"""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from webhook.commandline.tokens import MARK, tokens

_END = MARK + "end"
_LIST_OPERATORS = frozenset(MARK + operator for operator in (";", "&", "\n"))
_PIPES = frozenset(MARK + operator for operator in ("|", "|&"))
_AND_OR = {MARK + "&&": "&&", MARK + "||": "||"}
_NEWLINE, _OPEN, _CLOSE, _BACKGROUND = MARK + "\n", MARK + "(", MARK + ")", MARK + "&"
_NEXT_CASE, _REDIRECTION = MARK + ";;", MARK + ">"
_RESERVED = frozenset(("then", "elif", "else", "fi", "do", "done", "esac", "}"))
_DEPTH = 16
_NAME = re.compile(r"[\w.:+-]+")  # `list=()` is none


class UnparsableError(ValueError):
    """The script is not understood."""


@dataclass(slots=True)
class Simple:
    """A simple command: its words as they are written, assignments in front included."""

    words: list[str]


@dataclass(slots=True)
class Compound:
    """`conditions` only test; one of the `branches` runs, several times if `loop`.

    Of `case`, `subject` is the word and `patterns` are those of each branch, as they are written.
    What a `subshell` does to its parameters is its own.
    """

    branches: list["Commands"]
    conditions: list["Commands"] = field(default_factory=list)
    loop: bool = False
    subject: str | None = None
    patterns: list[list[str]] = field(default_factory=list)
    subshell: bool = False


@dataclass(slots=True)
class Function:
    """`name() { …; }`."""

    name: str
    body: Compound


Part = Simple | Compound | Function


@dataclass(slots=True)
class Pipeline:
    """Commands that read each other's output. `negated`: `!` stands in front."""

    parts: list[Part]
    negated: bool = False


@dataclass(slots=True)
class AndOr:
    """Pipelines joined by `&&` or `||`, each with the operator in front of it ("" at first)."""

    pipelines: list[tuple[str, Pipeline]]
    background: bool = False


Commands = list[AndOr]


def parse(script: str) -> Commands:
    """The structure of a script. Raises `UnparsableError`."""
    found = tokens(script)
    if found is None:
        raise UnparsableError
    parser = _Parser(found)
    parsed = parser.commands(())
    if parser.current != _END:
        raise UnparsableError
    return parsed


def changes(commands: Commands) -> bool:
    """Whether a list has a command that changes the shell's parameters."""
    parts = [p for a in commands for _, pipeline in a.pipelines for p in pipeline.parts]
    return any(
        any(word in ("set", "shift", "eval") for word in part.words)
        if isinstance(part, Simple)
        else isinstance(part, Compound)
        and any(changes(inner) for inner in (*part.conditions, *part.branches))
        for part in parts
    )


class _Parser:
    """Recursive descent; every method starts at the token that it reads first."""

    def __init__(self, found: list[str]) -> None:
        self._tokens = [*found, _END]
        self._at = 0
        self._depth = 0
        self.current = self._tokens[0]

    def _advance(self) -> str:
        """Step over the current token, which is returned."""
        passed = self.current
        if passed == _END:
            raise UnparsableError
        self._at += 1
        self.current = self._tokens[self._at]
        return passed

    def _expect(self, token: str) -> None:
        if self._advance() != token:
            raise UnparsableError

    def commands(self, ends: Collection[str]) -> Commands:
        """Everything up to one of the words or operators in `ends`, which is not stepped over."""
        self._depth += 1
        if self._depth > _DEPTH:
            raise UnparsableError
        found: Commands = []
        while True:
            while self.current in (_NEWLINE, MARK + ";"):
                self._advance()
            if self.current in ends or self.current == _END:
                break
            found.append(self._and_or())
            if self.current in _LIST_OPERATORS:
                found[-1].background = self._advance() == _BACKGROUND
            elif self.current not in ends and self.current != _END:
                raise UnparsableError
        self._depth -= 1
        return found

    def _and_or(self) -> AndOr:
        pipelines = [("", self._pipeline())]
        while operator := _AND_OR.get(self.current):
            self._skip_newlines()
            pipelines.append((operator, self._pipeline()))
        return AndOr(pipelines)

    def _pipeline(self) -> Pipeline:
        negated = False
        while self.current == "!":
            self._advance()
            negated = not negated
        commands = [self._command()]
        while self.current in _PIPES:
            self._skip_newlines()
            commands.append(self._command())
        return Pipeline(commands, negated)

    def _skip_newlines(self) -> None:
        """Step over an operator and the line ends behind it."""
        self._advance()
        while self.current == _NEWLINE:
            self._advance()

    def _command(self) -> Part:
        if self.current in _RESERVED:
            raise UnparsableError
        if self.current == "function":
            self._advance()
            return self._function(self._advance())
        compound = _COMPOUNDS.get(self.current)
        if compound is None:
            return self._simple()
        return self._compound(compound)

    def _compound(self, compound: Callable[["_Parser"], Compound]) -> Compound:
        self._advance()
        parsed = compound(self)
        while self.current == _REDIRECTION:
            self._advance()
            self._advance()
        return parsed

    def _function(self, name: str) -> Function:
        """What stands behind a function's name."""
        if self.current == _OPEN and self._tokens[self._at + 1 : self._at + 2] == [_CLOSE]:
            self._advance()
            self._advance()
        while self.current == _NEWLINE:
            self._advance()
        compound = _COMPOUNDS.get(self.current)
        if compound is None or not _NAME.fullmatch(name):
            raise UnparsableError
        return Function(name, self._compound(compound))

    def _simple(self) -> Part:
        words: list[str] = []
        started_at = self._at
        while True:
            if self.current == _REDIRECTION:
                self._advance()
                if self.current.startswith(MARK):
                    raise UnparsableError
                self._advance()
            elif self.current == "[[" and not words:
                words.append(self._advance())
                while words[-1] != "]]":
                    words.append(self._advance())
            elif self.current == _OPEN and len(words) == 1:
                return self._function(words[0])
            elif self.current.startswith(MARK):
                break
            else:
                words.append(self._advance())
        if self._at == started_at:
            raise UnparsableError
        return Simple(words)

    def group(self, end: str) -> Compound:
        """`( … )` or `{ …; }`."""
        body = self.commands((end,))
        self._expect(end)
        return Compound([body], subshell=end == _CLOSE)

    def conditional(self) -> Compound:
        """`if … then … elif … then … else … fi`."""
        parsed = Compound([])
        while True:
            parsed.conditions.append(self.commands(("then",)))
            self._expect("then")
            parsed.branches.append(self.commands(("elif", "else", "fi")))
            word = self._advance()
            if word == "elif":
                continue
            if word == "else":
                parsed.branches.append(self.commands(("fi",)))
                self._expect("fi")
            return parsed

    def loop(self) -> Compound:
        """`while … do … done`, and `until`."""
        condition = self.commands(("do",))
        self._expect("do")
        body = self.commands(("done",))
        self._expect("done")
        return Compound([body], [condition], loop=True)

    def each(self) -> Compound:
        """`for name in words; do … done`."""
        while self.current != "do":
            self._advance()
        self._advance()
        body = self.commands(("done",))
        self._expect("done")
        return Compound([body], loop=True)

    def case(self) -> Compound:
        """`case word in pattern) … ;; esac`."""
        parsed = Compound([], subject=self._advance())
        while self._advance() != "in":
            pass
        while True:
            while self.current in (_NEWLINE, _OPEN):
                self._advance()
            if self.current == "esac":
                self._advance()
                return parsed
            patterns: list[str] = []
            while (word := self._advance()) != _CLOSE:
                patterns.append(word)
            patterns = [word for word in patterns if word not in _PIPES]
            if any(word.startswith(MARK) for word in patterns):
                raise UnparsableError  # `;&` goes on with the next branch
            parsed.patterns.append(patterns)
            parsed.branches.append(self.commands((_NEXT_CASE, "esac")))
            if self.current == _NEXT_CASE:
                self._advance()


_COMPOUNDS: dict[str, Callable[[_Parser], Compound]] = {
    _OPEN: lambda parser: parser.group(_CLOSE),
    "{": lambda parser: parser.group("}"),
    "if": _Parser.conditional,
    "while": _Parser.loop,
    "until": _Parser.loop,
    "for": _Parser.each,
    "case": _Parser.case,
}
