"""Which program a command line starts, when nothing stands in front of it any more."""

import re
from collections.abc import Sequence

from webhook.commandline import runtimes
from webhook.commandline.foreign import FOREIGN, TOOLS
from webhook.commandline.known import LANGUAGES, MANAGERS, SUFFIXES
from webhook.commandline.program import Kind, Program, Trail

_PLAIN_NAMES = frozenset(
    "java python python2 python3 node nodejs dotnet gunicorn uvicorn hypercorn daphne celery uwsgi"
    " gradlew mvnw nginx httpd postgres mysqld ruby php perl bun deno pypy pypy3".split()
)
_VERSIONED = re.compile(r"([A-Za-z][A-Za-z_+-]*?)-?\d+(?:\.\d+)*")
_WITH_VERSION = frozenset(
    "node nodejs go php php-fpm php-cgi ruby perl lua pypy uwsgi_python".split()
)
_INITS = frozenset(("/init", "/sbin/init", "/usr/sbin/init", "/lib/systemd/systemd"))
_ARGUMENTS = TOOLS - {"sleep", "tail"}
"""Tools whose names are as well arguments of an entrypoint script (`install`, `test`, `watch`)."""
_COMMAND_FOLDERS = frozenset(("bin", "sbin", ".bin", "scripts"))
# Paketo's native-image buildpack names the program for its main class.
_MAIN_CLASS = re.compile(r"(?:[a-z_][a-z0-9_]*\.){2,}[A-Z]\w*")
_NATIVE_OPTIONS = ("-Dquarkus.", "-Dmicronaut.")
_SPRING_LAUNCHER = "org.springframework.boot.loader."


def opaque(argv: Sequence[str], trail: Trail) -> Program:
    """A script or construct of unknown content; only the launcher in front of it may tell more."""
    name = argv[0].rpartition("/")[2] if argv else ""
    if trail.home:
        return _program(name, argv, Kind.LANGUAGE, trail, language=trail.home)
    return _program(name, argv, Kind.SCRIPT, trail)


def recognise(argv: Sequence[str], trail: Trail) -> Program:
    """The program of a command line that has at least one word."""
    word = argv[0]
    folder, slash, name = word.rpartition("/")
    if not slash or name in _PLAIN_NAMES or _holds_commands(folder) or not name.isalnum():
        found = _by_name(word, name, argv, trail)
        if found is not None:
            return found
    if trail.doubtful or trail.home or not name or word[0] == "-" or "$" in word:
        return opaque(argv, trail)
    return _unknown(word, folder, name, argv, trail)


def _by_name(word: str, name: str, argv: Sequence[str], trail: Trail) -> Program | None:
    """A program of the tables, or None."""
    if language := LANGUAGES.get(name):
        if trail.doubtful and not trail.through and not _corroborated(name, language, argv):
            return None
        return _of_language(language, word, name, argv, trail)
    if foreign := FOREIGN.get(name):
        if trail.doubtful and name in _ARGUMENTS:
            return None
        return _program(name, argv, Kind.FOREIGN, trail, foreign=foreign)
    if name in MANAGERS or word in _INITS:
        return _program(name, argv, Kind.MANAGER, trail)
    if word[:1] == "-":
        language = runtimes.of_options(argv)
        return _of_language(language, language, language, argv, trail) if language else None
    return _by_pattern(word, name, argv, trail)


def _corroborated(name: str, language: str, argv: Sequence[str]) -> bool:
    """Whether the words behind a name say that it is the program and not an argument.

    `args: ["node", "--home=/data"]` is also how blockchain clients written in Go are started.
    """
    if name in ("node", "nodejs"):
        return any(word.endswith((".js", ".mjs", ".cjs")) for word in argv)
    if name.startswith("python"):
        return any(word.endswith(".py") or word in ("-m", "-c") for word in argv)
    if name == "java":
        return len(argv) > 1 and argv[1][:1] in "-@"
    return len(argv) > 1 and language != "go"


def _by_pattern(word: str, name: str, argv: Sequence[str], trail: Trail) -> Program | None:
    """Versioned names (python3.12, php-fpm8.2), and files whose suffix tells."""
    if name.startswith("python") and runtimes.is_python(name):
        return _of_language("python", word, name, argv, trail)
    _, dot, suffix = name.rpartition(".")
    if dot and (known := SUFFIXES.get(f".{suffix}")):
        language, foreign = known
        # Bun and Deno run JavaScript too: behind an unknown entrypoint the suffix is not enough.
        if language == "nodejs" and trail.doubtful:
            return None
        if language:
            return _of_language(language, word, name, argv, trail)
        return _program(name, argv, Kind.FOREIGN, trail, foreign=foreign)
    if name.startswith(_SPRING_LAUNCHER):
        return _of_language("java", word, name, argv, trail)
    versioned = _VERSIONED.fullmatch(name)
    if versioned and versioned[1] in _WITH_VERSION:
        base = versioned[1]
        if language := LANGUAGES.get(base, "python" if base == "uwsgi_python" else None):
            return _of_language(language, word, name, argv, trail)
        return _program(name, argv, Kind.FOREIGN, trail, foreign=FOREIGN[base])
    return None


def _of_language(language: str, word: str, name: str, argv: Sequence[str], trail: Trail) -> Program:
    if name.startswith("uwsgi") and runtimes.serves_other(name, argv):
        return _program(name, argv, Kind.FOREIGN, trail, foreign="uWSGI without Python")
    reader = runtimes.READERS.get(language)
    version, ignores = reader(word, name, argv) if reader else (None, None)
    return Program(
        name or language,
        tuple(argv),
        Kind.LANGUAGE,
        language,
        None,
        version,
        trail.ignores or ignores,
        trail.through,
        trail.assigned,
    )


def _unknown(word: str, folder: str, name: str, argv: Sequence[str], trail: Trail) -> Program:
    """A program that no table knows."""
    if name.endswith((".sh", ".bash", ".ksh", ".zsh", ".ts", ".mts")):
        return opaque(argv, trail)
    if word.startswith(("/ko-app/", "/go/bin/")):
        return _program(name, argv, Kind.LANGUAGE, trail, language="go")
    if word.startswith("/cnb/"):
        return opaque(argv, trail)
    if folder.endswith("node_modules/.bin"):
        return _program(name, argv, Kind.LANGUAGE, trail, language="nodejs")
    if "/" not in word or _holds_commands(folder):
        return _program(name, argv, Kind.PATH, trail)
    if _MAIN_CLASS.fullmatch(name) or any(o.startswith(_NATIVE_OPTIONS) for o in argv[1:]):
        return _program(name, argv, Kind.NATIVE, trail)
    return _program(name, argv, Kind.BINARY, trail)


def _holds_commands(folder: str) -> bool:
    """Whether a folder is one of commands; the root counts (`/coredns`, `/traefik`)."""
    return not folder or folder.rpartition("/")[2] in _COMMAND_FOLDERS


def _program(
    name: str,
    argv: Sequence[str],
    kind: Kind,
    trail: Trail,
    *,
    language: str | None = None,
    foreign: str | None = None,
) -> Program:
    return Program(
        name,
        tuple(argv),
        kind,
        language,
        foreign,
        None,
        trail.ignores,
        trail.through,
        trail.assigned,
    )
