"""Simple commands, and how much each of them says about what a script is there for."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from webhook.commandline.tokens import unquoted
from webhook.model import nothing

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

ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)\+?=(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Command:
    """A simple command, without the assignments in front of it, which are `assigned`."""

    argv: tuple[str, ...]
    assigned: Mapping[str, str] = field(default_factory=nothing, compare=False)


@dataclass(slots=True)
class Found:
    """What a part of a script runs. `last`: a branch ends the script behind it, `a; exit`."""

    main: list[Command] = field(default_factory=list)
    beside: list[Command] = field(default_factory=list)
    last: list[Command] = field(default_factory=list)


def assignments(words: Sequence[str], into: dict[str, str]) -> Sequence[str]:
    """Move the `NAME=value` in front of a command `into` a mapping; the words that are left."""
    for at, word in enumerate(words):
        found = ASSIGNMENT.fullmatch(word) if "=" in word else None
        if found is None:
            return words[at:]
        into[found[1]] = unquoted(found[2])
    return ()


def weight(command: Command) -> int:
    """How much a command says about what a script is there for."""
    argv = command.argv
    word = argv[0]
    if word in _BUILTINS or argv == ("exec",) or argv[:2] == ("command", "-v"):
        return _NOTHING
    if word == "exec":
        word = argv[1]
    return _TOOL if word.rpartition("/")[2] in _TOOLS else _PROGRAM


def weightier(earlier: list[Command], later: list[Command]) -> list[Command]:
    """The later commands, unless only the earlier ones are programs."""
    heaviest = max(map(weight, earlier), default=-1)
    return later if max(map(weight, later), default=-1) >= heaviest else earlier


def started(commands: Iterable[Command]) -> list[Command]:
    """Those that are programs, not preparation."""
    return [command for command in commands if weight(command) == _PROGRAM]


def is_exec(command: Command) -> bool:
    """Whether it takes the place of its shell."""
    return command.argv[:1] == ("exec",) and len(command.argv) > 1
