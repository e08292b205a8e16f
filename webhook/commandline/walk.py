"""From a command line, through everything that only starts something else, to the programs."""

from collections.abc import Sequence

from webhook.commandline.program import Kind, Program, Trail
from webhook.commandline.recognition import idle, opaque, recognise
from webhook.commandline.script import LONGEST, read
from webhook.commandline.starters import STARTERS
from webhook.commandline.wrappers import ENTRYPOINTS, WRAPPERS

_SHELLS = frozenset(("sh", "bash", "ash", "dash", "zsh", "ksh", "mksh", "rbash", "busybox.sh"))
# Jupyter's images start their servers with it.
_STARTING = frozenset(("start.sh",))
_DEPTH = 12
_LOOKS = 48
_PROGRAMS = 16
_ROOT = Trail()
_UNKNOWN_ENTRYPOINT = Trail(doubtful=True)


def programs(
    argv: Sequence[str], *, entrypoint_known: bool = True, past_scripts: bool = True
) -> tuple[Program, ...]:
    """The programs that a command line starts, in the foreground first; () when it is empty.

    Without a known entrypoint `argv` may be the arguments of any program: then only what is sure
    to be one of the known programs counts, and everything else is a `SCRIPT`. So is an entrypoint
    script without `past_scripts`, for those who can read its text, whatever follows it.
    """
    if not argv:
        return ()
    walk = _Walk(past_scripts=past_scripts)
    words = tuple(argv)
    found = walk.look(words, _ROOT if entrypoint_known else _UNKNOWN_ENTRYPOINT, 0)
    if len(found) == 1:
        return tuple(found)
    distinct = {(program.argv, program.kind): program for program in found}
    return tuple(distinct.values())[:_PROGRAMS]


class _Walk:
    """One walk; its budget bounds what nested scripts can cost."""

    __slots__ = ("_past_scripts", "characters", "looks")

    def __init__(self, *, past_scripts: bool) -> None:
        self._past_scripts = past_scripts
        self.looks = _LOOKS
        self.characters = 2 * LONGEST

    def look(self, argv: Sequence[str], trail: Trail, depth: int) -> list[Program]:
        """What a command line starts."""
        self.looks -= 1
        if not argv or depth > _DEPTH or self.looks < 0:
            return [opaque(argv, trail)]
        name = argv[0].rpartition("/")[2]
        if name in _SHELLS:
            return self._shell(name, argv, trail, depth)
        if not self._past_scripts and (name in ENTRYPOINTS or _stands_in_front(name.lower())):
            return [opaque(argv, trail)]
        starter = WRAPPERS.get(name) or STARTERS.get(name)
        if starter is None:
            return self._entrypoint(name, argv, trail, depth)
        step = starter(name, argv, trail)
        if step is None:
            return [recognise(argv, trail)]
        found: list[Program] = []
        for rest, behind in step:
            found += self.look(rest, behind, depth + 1) if rest else [opaque(argv, trail)]
        return found

    def _entrypoint(
        self, name: str, argv: Sequence[str], trail: Trail, depth: int
    ) -> list[Program]:
        """A program, or an entrypoint script in front of one."""
        if not _stands_in_front(name.lower()):
            return [recognise(argv, trail)]
        if not argv[1:] or argv[1][:1] == "-":
            return [opaque(argv, trail)]
        behind = trail.past(name).doubting()
        return [
            # What is not sure to be a command is an argument: the script is all that is known.
            program if program.kind is not Kind.SCRIPT else opaque(argv, trail)
            for program in self.look(argv[1:], behind, depth + 1)
        ]

    def _shell(self, name: str, argv: Sequence[str], trail: Trail, depth: int) -> list[Program]:
        """`sh -c script`, `sh file`, `sh`."""
        flags: list[str] = []
        at, wants_script = 1, False
        while at < len(argv) and argv[at][:1] in "-+" and len(argv[at]) > 1:
            word = argv[at]
            at += 1
            if word == "--":
                break
            if word[:2] == "--":
                at += word in ("--rcfile", "--init-file")
                continue
            flags.append(word)
            wants_script = wants_script or "c" in word[1:]
            at += word[-1] in "oO"
        if at >= len(argv):
            return [opaque(argv, trail) if wants_script else idle(argv, trail)]
        if not wants_script:
            return self._file(name, argv, at, trail, depth)
        return self._script(f"{name} {' '.join(flags)}", argv, at, trail, depth)

    def _file(
        self, name: str, argv: Sequence[str], at: int, trail: Trail, depth: int
    ) -> list[Program]:
        """A script file, which may be one that is known, or that starts what follows it."""
        found = self.look(argv[at:], trail.past(name), depth + 1)
        sure = [program for program in found if program.kind not in (Kind.PATH, Kind.BINARY)]
        return sure or [opaque(argv[at:], trail.past(name))]

    def _script(
        self, through: str, argv: Sequence[str], at: int, trail: Trail, depth: int
    ) -> list[Program]:
        """The commands of a script that stands in the command line."""
        text = argv[at]
        self.characters -= len(text)
        script = read(text, argv[at + 1 :]) if self.characters >= 0 else None
        if script is None or not script.commands:
            return [opaque(argv, trail)]
        behind = trail.into(through, tuple(argv[at + 1 :]), script.assigned)
        found: list[Program] = []
        for command in script.commands:
            found += self._command(command.argv, behind.assigning(command.assigned), depth)
        return found

    def _command(self, argv: Sequence[str], trail: Trail, depth: int) -> list[Program]:
        """A simple command of a script; `eval` and `.` are the shell's own."""
        if argv[0] == "eval" and len(argv) > 1:
            if depth >= _DEPTH:
                return [opaque(argv, trail)]
            line = ("eval", " ".join(argv[1:]), *trail.parameters)
            return self._script("eval", line, 1, trail, depth + 1)
        return self.look(argv, trail, depth + 1)


def _stands_in_front(name: str) -> bool:
    """Whether a name is of a script that prepares and then starts something else.

    `docker-entrypoint.py` starts ScyllaDB; `entrypoint.py` is as often the application itself.
    """
    if name in _STARTING or name.startswith("docker-entrypoint."):
        return True
    return "entrypoint" in name and not name.endswith((".py", ".js", ".jar", ".rb", ".php"))
