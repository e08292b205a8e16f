"""Which commands of a shell script are what its container runs, and which only prepare.

The last command in the foreground is the program; what stands in front of it has ended by then.
Commands in the background run beside it. The branches of a condition are alternatives, and all
of them count: two languages are then a conflict, which is better than a guess.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from webhook.commandline.commands import (
    ASSIGNMENT,
    Command,
    Found,
    assignments,
    is_exec,
    started,
    weight,
    weightier,
)
from webhook.commandline.conditions import asks, holds, leads, matches, skips, succeeds
from webhook.commandline.grammar import (
    AndOr,
    Commands,
    Compound,
    Function,
    Part,
    Pipeline,
    Simple,
    UnparsableError,
    changes,
    parse,
)
from webhook.commandline.parameters import Parameters, called, changed, expanded, is_plain, merged
from webhook.model import EMPTY

LONGEST = 32 * 1024
"""Characters of a script that are read; longer ones are scripts of unknown content."""

_PLAIN = re.compile(
    r"[^\n'\"\\`;|&<>(){}#!*?~\0$]*(?:\$[A-Za-z_]\w*[^\n'\"\\`;|&<>(){}#!*?~\0$]*)*+"
)
_CALLS = 48
_NESTED = 4
_KEYWORDS = frozenset(("if", "while", "until", "for", "case", "function", "[["))


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
            command = reader.simple(words, tuple(parameters))
            if command.argv and weight(command):
                reader.script.commands.append(command)
            return reader.script
    try:
        parsed = parse(text)
    except UnparsableError:
        return None
    reader.script.commands.extend(reader.running(parsed))
    return reader.script


class _Reader:
    """Reads a parsed script; collects the assignments, and follows the parameters, on the way.

    `_states` are what the parameters may be where the reader is: none where it cannot come.
    """

    def __init__(self, parameters: Sequence[str]) -> None:
        self._initial: Parameters = tuple(parameters)
        self._states: list[Parameters] = [self._initial]
        self.script = Script()
        self._functions: dict[str, Compound] = {}
        self._calls = _CALLS
        self._nested = 0
        self._returned: bool | None = None
        """Whether the function that is read returned early; None outside of one."""

    def running(self, commands: Commands) -> list[Command]:
        """The programs of a list, in the foreground first."""
        found = self._list(commands, loop=False)
        return [command for command in (*found.main, *found.beside) if weight(command)]

    def _list(self, commands: Commands, *, loop: bool) -> Found:
        """The last program of a list and what runs beside it; in a loop, every program."""
        total = Found()
        perhaps: list[Command] = []
        for and_or in commands:
            if not self._states:
                break
            before = self._states
            found = self._and_or(and_or)
            total.beside += found.beside
            total.last += found.last
            if and_or.background:
                self._states = before
                total.beside += started(found.main)
                continue
            if loop:
                perhaps += started(total.main)
            else:
                perhaps += filter(is_exec, total.main)
            total.main = weightier(total.main, found.main)
        programs = list(dict.fromkeys([*perhaps, *total.last, *started(total.main)]))
        total.main = programs or ([] if total.beside else total.main)
        return total

    def _and_or(self, and_or: AndOr) -> Found:
        """`a && b` runs b, `a || b` either; what a mere test leads to may not run."""
        total = Found()
        passed: list[tuple[Parameters, bool | None]] = [(state, True) for state in self._states]
        asked = False
        for sign, pipeline in and_or.pipelines:
            runs = [state for state, status in passed if leads(sign, status)]
            stays = [pair for pair in passed if skips(sign, pair[1], asked=asked)]
            if not runs:
                continue
            self._states = merged(runs)
            found = self._pipeline(pipeline)
            asked = asked or sign == "||" or asks(pipeline, self._functions)
            total.beside += found.beside
            total.last += found.last
            either = sign == "||" and started(total.main) and started(found.main)
            total.main = total.main + found.main if either else weightier(total.main, found.main)
            passed = stays + [(state, holds(pipeline, state)) for state in self._states]
        self._states = merged(state for state, _ in passed)
        return total

    def _pipeline(self, pipeline: Pipeline) -> Found:
        """The first program of a pipeline: the others read what it writes."""
        if len(pipeline.parts) == 1:
            return self._part(pipeline.parts[0])
        first: Found | None = None
        before = self._states
        for part in pipeline.parts:
            found = self._part(part)
            self._states = before
            if started(found.main):
                return found
            first = first or found
        return first or Found()

    def _part(self, part: Part) -> Found:
        if isinstance(part, Function):
            self._functions[part.name] = part.body
            return Found()
        if isinstance(part, Simple):
            body = self._functions.get(part.words[0])
            return self._call(body, part.words) if body else Found(self._simple(part.words))
        before = self._states
        if part.loop:
            branches = [self._loop(part)]
        elif part.subject is not None:
            branches = self._case(part)
        else:
            branches = self._branches(part)
        if part.subshell:
            self._states = before
        mains = [command for branch in branches for command in branch.main]
        return Found(
            # Commands that only a condition leads to are alternatives; a group is run as it stands.
            started(mains) or mains,
            [command for branch in branches for command in branch.beside],
            [command for branch in branches for command in branch.last],
        )

    def _call(self, body: Compound, words: Sequence[str]) -> Found:
        """A function, whose parameters are its own; it returns unless it ends the script."""
        self._calls -= 1
        if self._calls < 0 or self._nested == _NESTED:
            self._states = [None]
            return Found([Command(("$@",))])
        before = self._states
        self._states = merged(called(words, state) for state in before)
        outer, self._returned = self._returned, False
        self._nested += 1
        found = self._part(body)
        self._nested -= 1
        returned, self._returned = self._returned or bool(self._states), outer
        if returned:
            self._states = before
        else:
            found.last = started(found.main)
        return found

    def _loop(self, part: Compound) -> Found:
        """A body that runs any number of times."""
        before = self._states
        if any(changes(commands) for commands in (*part.conditions, *part.branches)):
            before = [None]
        self._states = before
        for condition in part.conditions:
            self._list(condition, loop=False)
            self._states = before
        found = self._list(part.branches[0], loop=True)
        self._states = merged((*before, *self._states))
        return found

    def _branches(self, part: Compound) -> list[Found]:
        """The branches of `if` that may be taken; a group is one."""
        found: list[Found] = []
        after: list[Parameters] = []
        for number, branch in enumerate(part.branches):
            others: list[Parameters] = []
            if number < len(part.conditions):
                taken, others = self._conditional(part.conditions[number])
                self._states = taken
            if self._states:
                found.append(self._branch(branch))
                after += self._states
            self._states = others
        self._states = merged((*after, *self._states))
        return found

    def _branch(self, commands: Commands) -> Found:
        found = self._list(commands, loop=False)
        if not self._states:
            found.last = started(found.main)
        return found

    def _conditional(self, condition: Commands) -> tuple[list[Parameters], list[Parameters]]:
        """The states in which a condition may hold, and those in which it may not."""
        if changes(condition):
            self._states = [None]
        before = self._states
        self._list(condition, loop=False)
        answers = [(state, succeeds(condition, state)) for state in before]
        return (
            [state for state, answer in answers if answer is not False],
            [state for state, answer in answers if answer is not True],
        )

    def _case(self, part: Compound) -> list[Found]:
        found: list[Found] = []
        after: list[Parameters] = []
        others = self._states
        for patterns, branch in zip(part.patterns, part.branches, strict=True):
            answers = [(state, matches(part.subject, patterns, state)) for state in others]
            self._states = [state for state, answer in answers if answer is not False]
            others = [state for state, answer in answers if answer is not True]
            if self._states:
                found.append(self._branch(branch))
                after += self._states
        self._states = merged((*after, *others))
        return found

    def _simple(self, words: Sequence[str]) -> list[Command]:
        """What one command is, for each of what the parameters may be."""
        found: list[Command] = []
        after: list[Parameters] = []
        for state in self._states:
            command = self.simple(words, state)
            argv = command.argv
            if argv and command not in found:
                found.append(command)
            if argv[:1] in (("set",), ("shift",), ("eval",)):
                after.append(changed(argv, state))
            elif argv[:1] == ("return",) and self._returned is not None:
                self._returned = True
            elif argv[:1] != ("exit",) and not is_exec(command):
                after.append(state)
        self._states = merged(after)
        return found

    def simple(self, words: Sequence[str], parameters: Parameters) -> Command:
        """One command of words as they are written."""
        assigned: dict[str, str] = {}
        argv = tuple(expanded(assignments(words, assigned), parameters))
        if not argv:
            self.script.assigned.update(assigned)
            return Command(())
        if argv[0] in ("export", "declare", "typeset", "readonly", "unset", "local"):
            self._declare(argv)
        if argv[0] == "eval" and parameters != self._initial and not is_plain(argv):
            # Its words are read with the parameters that the script began with.
            return Command(("$@",))
        return Command(argv, assigned or EMPTY)

    def _declare(self, argv: Sequence[str]) -> None:
        """`export A=b`; a variable that is unset counts as empty."""
        for word in argv[1:]:
            if argv[0] == "unset":
                self.script.assigned[word] = ""
            elif assignment := ASSIGNMENT.fullmatch(word):
                self.script.assigned[assignment[1]] = assignment[2]
