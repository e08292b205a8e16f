"""Which commands of a shell script are what its container runs, and which only prepare.

The last command in the foreground is the program; what stands in front of it has ended by then.
Commands in the background run beside it. The branches of a condition are alternatives, and all
of them count: two languages are then a conflict, which is better than a guess.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from webhook.commandline.grammar import AndOr, Commands, Compound, Simple, UnparsableError, parse
from webhook.commandline.tokens import unquoted
from webhook.model import EMPTY, nothing

LONGEST = 32 * 1024
"""Characters of a script that are read; longer ones are scripts of unknown content."""

_BUILTIN_NAMES = (
    ". : [ [[ alias bg break cd continue declare disown enable exit export false fg getopts hash"
    " jobs kill let local popd pushd read readonly return set shift shopt source test trap true"
    " type typeset ulimit umask unalias unset wait"
)
_BUILTINS = frozenset(_BUILTIN_NAMES.split())
_TOOL_NAMES = (
    "adduser addgroup apk apt apt-get awk base64 cat chgrp chmod chown clear cp curl cut date df"
    " dig dnf du echo envsubst find getent git grep gunzip gzip head hostname id install jq ln"
    " locale-gen ls microdnf mkdir mkfifo mktemp mount mv nc nslookup openssl pg_isready pip pip3"
    " printenv printf ps pwd realpath rm rmdir sed sleep sort stat stty sync sysctl tail tar tee"
    " touch tr uname unzip update-ca-certificates useradd usermod wc wget which whoami xargs yes"
    " yq yum"
)
_TOOLS = frozenset(_TOOL_NAMES.split())
"""What prepares, waits or reports: a program only where nothing else is one."""

_NOTHING, _TOOL, _PROGRAM = range(3)
"""A builtin that only changes the shell; a tool; a program."""

_PLAIN = re.compile(
    r"[^\n'\"\\`;|&<>(){}#!*?~\0$]*(?:\$[A-Za-z_]\w*[^\n'\"\\`;|&<>(){}#!*?~\0$]*)*+"
)
_KEYWORDS = frozenset(("if", "while", "until", "for", "case", "function", "[["))
_ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)\+?=(.*)", re.DOTALL)
_PARAMETER = re.compile(r'"?\$\{?(?:([@*])|(\d))\}?"?')
_LOCATED = re.compile(r'"?(?:\$\(|`)(?:which|command -v|type -p) ([\w./+-]+)(?:\)|`)"?')


@dataclass(frozen=True, slots=True)
class Command:
    """A simple command, without the assignments in front of it, which are `assigned`."""

    argv: tuple[str, ...]
    assigned: Mapping[str, str] = field(default_factory=nothing, compare=False)


@dataclass(slots=True)
class Script:
    """What a script runs: `commands`, with `assigned` set for all of them."""

    commands: list[Command] = field(default_factory=list)
    assigned: dict[str, str] = field(default_factory=dict)


def read(text: str, parameters: Sequence[str] = ()) -> Script | None:
    """What a script runs; `parameters` are `$0`, `$1`, …. None for one that is not understood."""
    if len(text) > LONGEST:
        return None
    reader = _Reader(parameters)
    if _PLAIN.fullmatch(text):
        words = text.split()
        if words and words[0] not in _KEYWORDS:
            command = reader.simple(words)
            if command.argv and _weight(command):
                reader.script.commands.append(command)
            return reader.script
    try:
        parsed = parse(text)
    except UnparsableError:
        return None
    reader.script.commands.extend(reader.running(parsed))
    return reader.script


def assignments(words: Sequence[str], into: dict[str, str]) -> Sequence[str]:
    """Move the `NAME=value` in front of a command `into` a mapping; the words that are left."""
    for at, word in enumerate(words):
        found = _ASSIGNMENT.fullmatch(word) if "=" in word else None
        if found is None:
            return words[at:]
        into[found[1]] = unquoted(found[2])
    return ()


@dataclass(slots=True)
class _Found:
    """What a part of a script runs. `replaced`: an `exec` behind which nothing runs any more."""

    main: list[Command] = field(default_factory=list)
    beside: list[Command] = field(default_factory=list)
    replaced: bool = False


class _Reader:
    """Reads a parsed script and collects the assignments on the way."""

    def __init__(self, parameters: Sequence[str]) -> None:
        self._parameters = parameters
        self.script = Script()

    def running(self, commands: Commands) -> list[Command]:
        """The programs of a list, in the foreground first."""
        found = self._list(commands, loop=False)
        return [command for command in (*found.main, *found.beside) if _weight(command)]

    def _list(self, commands: Commands, *, loop: bool) -> _Found:
        """The last program of a list and what runs beside it; in a loop, every program."""
        total = _Found()
        perhaps: list[Command] = []
        for and_or in commands:
            found = self._and_or(and_or)
            total.beside += found.beside
            if and_or.background:
                total.beside += _programs(found.main)
                continue
            if loop:
                perhaps += _programs(total.main)
            else:
                perhaps += filter(_is_exec, total.main)
            total.main = _weightier(total.main, found.main)
            if found.replaced:
                total.replaced = True
                break
        programs = list(dict.fromkeys([*perhaps, *_programs(total.main)]))
        total.main = programs or ([] if total.beside else total.main)
        return total

    def _and_or(self, and_or: AndOr) -> _Found:
        """`a && b` runs b, `a || b` either; a mere test in front makes an `exec` conditional."""
        total = _Found()
        conditional = False
        for operator, pipeline in and_or.pipelines:
            found = self._pipeline(pipeline)
            total.beside += found.beside
            either = operator == "||" and _programs(total.main) and _programs(found.main)
            total.main = total.main + found.main if either else _weightier(total.main, found.main)
            conditional = conditional or operator == "||" or _tests(pipeline)
            total.replaced = total.replaced or (found.replaced and not conditional)
        return total

    def _pipeline(self, pipeline: list[Simple | Compound]) -> _Found:
        """The first program of a pipeline: the others read what it writes."""
        first: _Found | None = None
        for part in pipeline:
            found = self._part(part)
            if _programs(found.main):
                return found
            first = first or found
        return first or _Found()

    def _part(self, part: Simple | Compound) -> _Found:
        if isinstance(part, Simple):
            command = self.simple(part.words)
            main = [command] if command.argv else []
            return _Found(main, replaced=bool(main) and _is_exec(command))
        for condition in part.conditions:
            self._list(condition, loop=False)
        branches = [self._list(branch, loop=part.loop) for branch in part.branches]
        mains = [command for branch in branches for command in branch.main]
        # Commands that only a condition leads to are alternatives; a group runs as it stands.
        group = len(branches) == 1 and not part.conditions and not part.loop
        return _Found(
            _programs(mains) or mains,
            [command for branch in branches for command in branch.beside],
            replaced=group and branches[0].replaced,
        )

    def simple(self, words: Sequence[str]) -> Command:
        """One command of words as they are written."""
        assigned: dict[str, str] = {}
        argv = tuple(self._expanded(assignments(words, assigned)))
        if not argv:
            self.script.assigned.update(assigned)
            return Command(())
        if argv[0] in ("export", "declare", "typeset", "readonly", "unset", "local"):
            self._declare(argv)
        return Command(argv, assigned or EMPTY)

    def _declare(self, argv: Sequence[str]) -> None:
        """`export A=b`; a variable that is unset counts as empty."""
        for word in argv[1:]:
            if argv[0] == "unset":
                self.script.assigned[word] = ""
            elif assignment := _ASSIGNMENT.fullmatch(word):
                self.script.assigned[assignment[1]] = assignment[2]

    def _expanded(self, words: Iterable[str]) -> Iterator[str]:
        """The words without quotes, with the shell's parameters in place."""
        for word in words:
            if "$" in word or "`" in word:
                if parameter := _PARAMETER.fullmatch(word):
                    yield from self._parameter(parameter, word)
                    continue
                if located := _LOCATED.fullmatch(word):
                    yield located[1]
                    continue
            yield unquoted(word)

    def _parameter(self, parameter: re.Match[str], word: str) -> Iterable[str]:
        if parameter[1]:
            return self._parameters[1:]
        index = int(parameter[2])
        return self._parameters[index : index + 1] or (unquoted(word),)


def _weight(command: Command) -> int:
    """How much a command says about what a script is there for."""
    argv = command.argv
    word = argv[0]
    if word in _BUILTINS or argv == ("exec",) or argv[:2] == ("command", "-v"):
        return _NOTHING
    if word == "exec":
        word = argv[1]
    return _TOOL if word.rpartition("/")[2] in _TOOLS else _PROGRAM


def _weightier(earlier: list[Command], later: list[Command]) -> list[Command]:
    """The later commands, unless only the earlier ones are programs."""
    heaviest = max(map(_weight, earlier), default=-1)
    return later if max(map(_weight, later), default=-1) >= heaviest else earlier


def _programs(commands: Iterable[Command]) -> list[Command]:
    """Those that are programs, not preparation."""
    return [command for command in commands if _weight(command) == _PROGRAM]


def _is_exec(command: Command) -> bool:
    return command.argv[:1] == ("exec",) and len(command.argv) > 1


def _tests(pipeline: list[Simple | Compound]) -> bool:
    """Whether a pipeline is a mere test, `[ -f x ]`."""
    first = pipeline[0]
    return isinstance(first, Simple) and first.words[:1] in (["["], ["[["], ["test"])
