"""Where what an image is built on is not what it starts, as far as its history shows.

A version variable says which runtime the base has. It is taken for the program's where nothing
speaks against it; what speaks against it is here, and leaves the question to the layers.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice

from webhook.commandline import Kind, Program, programs
from webhook.model import Evidence, Image

# Bounds on what a history, `bounded` as it is, can cost.
_LINES = 64
_TIMES = 8
_BEFORE = 200

_COPIES = re.compile(r"(?:^|\s)(?:COPY|ADD) (?:--\S{1,80} ){0,4}(\S.{0,1000}) (\S+)$")
# What stands before the path of a file that a command makes.
_MAKES = re.compile(
    r"(?:\s-[a-zA-Z]{0,9}[oO]|\s--output(?:-document)?|>|\b(?:mv|cp) [^&;|]*"
    r"|(?:-c|[;&|]) *install [^&;|]*)[= ]?\s*\S*$"
)
_TEXT = (".sh", ".bash", ".py", ".js", ".mjs", ".cjs", ".rb", ".php", ".pl")
# A compiled program may still be Go, or .NET with its own host.
_COMPILED = frozenset({"go", "dotnet"})
# Nobody compiles with these: an image that has them beside the toolchain runs them.
_OTHERS = frozenset({"python", "nodejs", "java", "dotnet"})


def doubted(image: Image, found: list[Evidence], lines: Sequence[str]) -> list[Evidence]:
    """The evidence of a configuration, with that as hints which does not fit what is started.

    `lines` are those of the history, `webhook.images.history.bounded`.
    """
    argv = (*image.entrypoint, *image.cmd)
    started = programs(argv) if argv else ()
    if any(_is_put_there(program, lines) for program in started):
        return [_hint(piece) if piece.language not in _COMPILED else piece for piece in found]
    hinted = {piece.language for piece in found if not piece.decides}
    if hinted & _OTHERS and any(program.kind is Kind.SCRIPT for program in started):
        return [_hint(piece) if piece.language == "go" else piece for piece in found]
    return found


def _hint(piece: Evidence) -> Evidence:
    """Only of our languages: what is none of them starts no agent."""
    ours = piece.language is not None and not piece.language.startswith("~")
    return replace(piece, decides=False) if ours and piece.decides else piece


def _is_put_there(program: Program, lines: Sequence[str]) -> bool:
    """Whether a command was not installed by its runtime's package manager, but copied or fetched.

    `COPY server /usr/local/bin/` is as often a script of the repository; from another stage, whose
    paths begin with a slash, and from the network come programs that were compiled.
    """
    name = program.name
    if program.kind is not Kind.PATH or not name:
        return False
    named = islice((line for line in lines if name in line), _LINES)
    return any(_copies(line, name) or _makes(line, name) for line in named)


def _copies(line: str, name: str) -> bool:
    match = _COPIES.search(line.removesuffix(" # buildkit"))
    if match is None:
        return False
    sources, target = match[1].split(), match[2]
    return any(
        source.startswith("/") and not source.endswith(_TEXT) and name in _ends(source, target)
        for source in sources
    )


def _makes(line: str, name: str) -> bool:
    found = re.finditer(rf"(?<![\w.-]){re.escape(name)}(?=[\s;&|\"']|$)", line)
    places = (match.start() for match in islice(found, _TIMES))
    return any(_MAKES.search(line[max(0, at - _BEFORE) : at]) for at in places)


def _ends(*paths: str) -> set[str]:
    return {path.rpartition("/")[2] for path in paths}
