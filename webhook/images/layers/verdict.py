"""What the entry program is: its file, looked at through links, scripts and their interpreters."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from webhook.commandline import Kind, Program, programs
from webhook.commandline.known import PROGRAMS, SUFFIXES
from webhook.commandline.recognition import prepares
from webhook.images.layers.content import SHELLS, Binary, Script
from webhook.images.layers.documents import Framework
from webhook.images.layers.golang import Build
from webhook.images.layers.inventory import Inventory
from webhook.images.layers.marks import Mark
from webhook.images.layers.paths import placed
from webhook.images.layers.start import Start
from webhook.images.layers.tree import Trace
from webhook.model import NATIVE

_DEPTH = 5
_LOOKS = 32
_TOLD = (Kind.LANGUAGE, Kind.FOREIGN, Kind.NATIVE)
_CHANGES_FOLDER = re.compile(r"(?:^|[\s;&|({])(?:cd|pushd)\s")
# Start scripts of Gradle, sbt and Maven's appassembler run `exec "$JAVACMD" "$@"`, those of
# Elasticsearch and Kafka `"$JAVA"`.
_JAVA_SCRIPT = re.compile(
    r"^\s*(?:exec\s+)?\"?\$\{?(?:JAVA|JAVACMD|_RUNJAVA|JAVA_CMD)\}?\"?\s", re.MULTILINE
)
# What distlib writes instead of a `#!` line that would be too long.
_LONG_LINE = re.compile(r"#![^\n]*\n'''exec' \"?(/[^\s\"]+)")

# Go programs that start what they are told to, by the path of their main package.
_LAUNCHERS = re.compile(
    r"github\.com/(?:tianon/gosu|buildpacks/lifecycle|canonical/pebble|bank-vaults/|banzaicloud/"
    r"|hashicorp/envconsul|segmentio/chamber|jwilder/dockerize|powerman/dockerize|doitintl/secrets-init"
    r"|krallin/|DarthSim/overmind|ochinchina/supervisord|F1bonacc1/process-compose|aptible/supercronic"
    r"|just-containers/|GoogleContainerTools/kaniko|argoproj/argo-workflows|tektoncd/pipeline)"
)
LAUNCHERS = frozenset({"supervisord", "process-compose", "overmind", "pebble", "init", "executor"})
"""Names of those that find in a file, not behind them, what they start."""
_COMMAND_NAMES = (
    "java python python3 node nodejs dotnet ruby php perl gunicorn uvicorn npm yarn pnpm sh bash"
)
_COMMANDS = frozenset(_COMMAND_NAMES.split())


class State(Enum):
    """Whether more layers could tell more."""

    SETTLED = "it is known what it is"
    UNKNOWN = "its file was seen, or cannot be found, and tells nothing"
    PENDING = "its file was not seen yet"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One program that is started in the end.

    `language` is as in Evidence, and `fact` what shows it; `is_told` where the command line alone
    says it. `path` is the program's file.
    """

    state: State
    program: Program
    language: str | None = None
    fact: str = ""
    version: str | None = None
    path: str | None = None
    binary: Binary | None = None
    is_told: bool = False


def verdicts(start: Start, inventory: Inventory) -> tuple[Verdict, ...]:
    """A verdict for each program that the command line starts; () for an empty one."""
    doubtful = bool(_CHANGES_FOLDER.search(" ".join(start.argv)))
    walk = _Walk(start, inventory)
    found = walk.either(start.programs, start.scripts, 0, doubtful=doubtful)
    return tuple(found)


class _Walk:
    """One walk through scripts; its budget bounds those that call each other."""

    def __init__(self, start: Start, inventory: Inventory) -> None:
        self._start = start
        self._inventory = inventory
        self._looks = _LOOKS
        self._open: list[tuple[str, ...]] = []
        """Scripts that are being read, with their parameters."""

    def either(
        self,
        guessed: Sequence[Program],
        scripts: Sequence[Program],
        depth: int,
        *,
        doubtful: bool,
        by: str = "",
    ) -> list[Verdict]:
        """Verdicts by what entrypoint scripts do; where they tell nothing, by what follows them."""
        # Whatever stands in front of a manager: it starts what is in its files.
        if guessed == scripts or any(program.kind is Kind.MANAGER for program in guessed):
            return self.look(guessed, depth, doubtful=doubtful, by=by)
        read = self.look(scripts, depth, doubtful=doubtful, by=by)
        if _is_told(read):
            return read
        found = self.look(guessed, depth, doubtful=doubtful, by=by)
        pending = any(v.state is State.PENDING for v in read)
        if not _is_told(found):
            return read if pending else found
        # What one of the script's branches starts may be of another language.
        return read if {v.language for v in read} - {v.language for v in found} - {None} else found

    def look(
        self, found: Iterable[Program], depth: int, *, doubtful: bool, by: str = ""
    ) -> list[Verdict]:
        """Verdicts for programs. `doubtful`: relative paths may mean another folder."""
        result: list[Verdict] = []
        for program in found:
            self._looks -= 1
            if program.kind in _TOLD:
                result.append(_told(program, by))
            elif self._looks < 0 or depth > _DEPTH or not self._has_file(program, doubtful):
                result.append(Verdict(State.UNKNOWN, program))
            else:
                result += self._file(program, depth)
        return result

    def _has_file(self, program: Program, doubtful: bool) -> bool:  # noqa: FBT001
        """Whether its file would tell: not of shells, nor of what starts what it is told to."""
        if program.kind is Kind.MANAGER or not program.argv:
            return False
        word = _word(program)
        if program.name in SHELLS or word.startswith("/cnb/"):
            return False
        if doubtful and "/" in word and word[0] != "/":
            return False
        return bool(self._start.places(word))

    def _file(self, program: Program, depth: int) -> list[Verdict]:
        trace = self._trace(_word(program))
        if trace is None:
            return [Verdict(State.PENDING, program)]
        path, node = trace.paths[-1], trace.node
        if node is not None and isinstance(node.content, Script):
            return self._script(program, path, node.content, depth)
        if node is not None and isinstance(node.content, Binary):
            verdict = self._binary(program, path, node.content, node.layer)
            return [verdict] if verdict.language else self._by_links(program, trace) or [verdict]
        told = self._by_links(program, trace)
        state = State.UNKNOWN if node else State.PENDING
        return told or [Verdict(state, program, path=path if node else None)]

    def _trace(self, word: str) -> Trace | None:
        """The first of the places where a command may lie that has a file or a link."""
        traces = (self._inventory.tree.find(place) for place in self._start.places(word))
        return next((t for t in traces if t.node or len(t.paths) > 1), None)

    def _by_links(self, program: Program, trace: Trace) -> list[Verdict]:
        """A link to a program that is known by name: /app/run → /usr/bin/python3.12."""
        for path in trace.paths[1:]:
            found = programs((f"/{path}", *program.argv[1:]))
            if len(found) == 1 and found[0].kind in _TOLD:
                return [_told(found[0], f"/{trace.paths[0]} leads to /{path}")]
        return []

    def _script(self, program: Program, path: str, script: Script, depth: int) -> list[Verdict]:
        argv = (f"/{path}", *program.argv[1:])
        if not script.is_shell:
            if prepares(path.rpartition("/")[2]):
                return [Verdict(State.UNKNOWN, program, path=path)]
            by = f"/{path} begins with #!{' '.join(script.words)}"
            return self.look(programs((*script.words, *argv)), depth + 1, doubtful=False, by=by)
        text = self._inventory.text(path)
        if text is None:
            return [Verdict(State.UNKNOWN, program, path=path)]
        if argv in self._open:
            return []  # as another user, `exec gosu app "$0" "$@"`: nothing new
        self._open.append(argv)
        found = self._text(program, path, text, argv, depth)
        self._open.pop()
        return found

    def _text(
        self, program: Program, path: str, text: str, argv: tuple[str, ...], depth: int
    ) -> list[Verdict]:
        """What a shell script starts."""
        if match := _LONG_LINE.match(text):
            by = f"/{path} starts {match[1]}"
            return self.look(programs((match[1], *argv)), depth + 1, doubtful=False, by=by)
        by = f"the script /{path} starts {{}}"
        doubtful = bool(_CHANGES_FOLDER.search(text))
        line = ("sh", "-c", text, *argv)
        scripts = programs(line, past_scripts=False)
        found = self.either(programs(line), scripts, depth + 1, doubtful=doubtful, by=by)
        if not any(v.language for v in found) and _JAVA_SCRIPT.search(text):
            fact = f"the script /{path} starts $JAVACMD"
            return [Verdict(State.SETTLED, program, "java", fact, path=path)]
        return found or [Verdict(State.UNKNOWN, program, path=path)]

    def _binary(self, program: Program, path: str, binary: Binary, layer: int) -> Verdict:
        language, fact = self._compiled(program, path, binary)
        # What tells it may still come: the files beside a program are in its own layer.
        nothing = State.PENDING if layer == self._inventory.layers else State.UNKNOWN
        state = State.SETTLED if language else nothing
        version = binary.go.version if binary.go and language == "go" else None
        text = f"/{path} is {fact}" if fact else ""
        return Verdict(state, program, language, text, version, path, binary)

    def _compiled(self, program: Program, path: str, binary: Binary) -> tuple[str | None, str]:
        """(language, what it is) of machine code."""
        if binary.go is not None:
            if _starts_others(program.argv, binary.go):
                return None, "a Go program that starts others"
            path_of_package = binary.go.path or binary.go.module
            return "go", f"a Go program ({path_of_package})" if path_of_package else "a Go program"
        if binary.ahead:
            return NATIVE, f"a native image ({binary.ahead})"
        if self._has_configuration(path) or binary.dotnet:
            return "dotnet", f"a .NET program ({binary.dotnet or 'its configuration beside it'})"
        if self._is_packaged(path):
            return "java", "jpackage's launcher"
        return None, "packed by UPX" if binary.is_packed else ""

    def _has_configuration(self, path: str) -> bool:
        """Whether .NET's files for a program of this name lie beside it."""
        framework = self._inventory.document(f"{path}.runtimeconfig.json")
        if isinstance(framework, Framework):
            return True
        return self._is_marked(f"{path}.deps.json", Mark.DEPENDENCIES)

    def _is_packaged(self, path: str) -> bool:
        folder, _, name = path.rpartition("/")
        home = folder.rpartition("/")[0]
        configuration = placed(f"{home}/lib/app/{name}.cfg".lstrip("/"))
        return self._is_marked(configuration, Mark.LAUNCHER)

    def _is_marked(self, path: str, mark: Mark) -> bool:
        self._inventory.tree.asked.add(path)  # that it comes later changes the answer
        return path in self._inventory.marked(mark)


def _is_told(found: Sequence[Verdict]) -> bool:
    return bool(found) and all(verdict.language for verdict in found)


def _word(program: Program) -> str:
    """The program as it is named; a shell looks for its script in its own folder first."""
    word = program.argv[0]
    is_script = bool(program.through) and program.through[-1] in SHELLS
    return f"./{word}" if is_script and "/" not in word else word


def _told(program: Program, by: str) -> Verdict:
    """What a name says. `by` is what led to it; "" where that is the container's command line."""
    fact = by.replace("{}", program.name)
    return Verdict(State.SETTLED, program, program.told, fact, program.version, is_told=not by)


def _starts_others(argv: Sequence[str], build: Build) -> bool:
    """Whether a Go program is there to start another one, by its package or by its arguments."""
    if _LAUNCHERS.match(build.path or "") or _LAUNCHERS.match(build.module or ""):
        return True
    return any(_names_another(word) for word in argv[1:] if word[:1] != "-")


def _names_another(word: str) -> bool:
    """Whether an argument looks like a command, or a script, of another language."""
    name = word.rpartition("/")[2]
    _, dot, suffix = name.rpartition(".")
    if name in _COMMANDS or (dot and f".{suffix}" in SUFFIXES):
        return True
    return "/" in word and PROGRAMS.get(name, "go") != "go"
