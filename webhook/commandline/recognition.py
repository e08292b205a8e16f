"""Which program a command line starts, when nothing stands in front of it any more."""

import re
from collections.abc import Sequence

from webhook.commandline import runtimes
from webhook.commandline.foreign import FOREIGN, TOOLS
from webhook.commandline.known import MANAGERS, PROGRAMS, SUFFIXES
from webhook.commandline.program import Kind, Program, Trail

_INTERPRETER_NAMES = (
    "java python python2 python3 node nodejs dotnet gunicorn uvicorn hypercorn daphne celery uwsgi"
    " gradlew mvnw nginx httpd postgres mysqld ruby php perl bun deno pypy pypy3"
)
_INTERPRETERS = frozenset(_INTERPRETER_NAMES.split())
_VERSIONED = re.compile(r"([A-Za-z][A-Za-z_+-]*?)-?\d+(?:\.\d+)*")
_VERSIONED_NAMES = "node nodejs go php php-fpm php-cgi ruby perl lua pypy uwsgi_python"
_WITH_VERSION = frozenset(_VERSIONED_NAMES.split())
_INITS = frozenset(("/init", "/sbin/init", "/usr/sbin/init", "/lib/systemd/systemd"))
_ARGUMENTS = TOOLS - {"sleep", "tail"}
"""Tools whose names are as well arguments of an entrypoint script (`install`, `test`, `watch`)."""
_COMMAND_FOLDERS = frozenset(("bin", "sbin", ".bin", "scripts"))
# Paketo's native-image buildpack names the program for its main class.
_MAIN_CLASS = re.compile(r"(?:[a-z_][a-z0-9_]*\.){2,}[A-Z]\w*")
_NATIVE_OPTIONS = ("-Dquarkus.", "-Dmicronaut.")
_SCRIPTS = (".sh", ".bash", ".ksh", ".zsh", ".ts", ".mts")
# Whatever they start then: Atlassian's /entrypoint.py a JVM, Mailu's /start.py nginx.
_PREPARES = re.compile(r"(?:\w*entry_?point|start|init|launch|boot)\.py", re.IGNORECASE)
# Kafka's images start /etc/kafka/docker/run and /etc/confluent/docker/run: nothing linked is there.
_SCRIPT_FOLDERS = ("/cnb/", "/etc/")
# What Red Hat's builder images do by themselves: print how they are used.
_USAGE = re.compile(r"(?:\$\{?STI_SCRIPTS_PATH\}?|\S*/s2i(?:/bin)?)/usage")
_SPRING_LAUNCHER = "org.springframework.boot.loader."


def prepares(name: str) -> bool:
    """Whether a script in Python that is started by its own path only prepares, by its name."""
    return _PREPARES.fullmatch(name) is not None


def opaque(argv: Sequence[str], trail: Trail) -> Program:
    """A script or construct of unknown content; only the launcher in front of it may tell more."""
    if trail.home:
        return _program(argv, Kind.LANGUAGE, trail, language=trail.home)
    return _program(argv, Kind.SCRIPT, trail)


def idle(argv: Sequence[str], trail: Trail) -> Program:
    """A shell without a script: it waits for a person, whatever its image has to be started."""
    if trail.home:
        return opaque(argv, trail)
    return _program(argv, Kind.FOREIGN, trail, foreign="a shell without a script")


def recognise(argv: Sequence[str], trail: Trail) -> Program:
    """The program of a command line that has at least one word."""
    word = argv[0]
    folder, slash, name = word.rpartition("/")
    # An application's own file may have any ordinary word for its name: /app/vector, ./panel.
    ordinary = slash and name.isalnum() and name not in _INTERPRETERS
    if not ordinary or _holds_commands(folder):
        found = _by_name(word, name, argv, trail)
        if found is not None:
            return found
    if name == "usage" and _USAGE.fullmatch(word):
        return _program(argv, Kind.FOREIGN, trail, foreign="the usage text of a builder image")
    if trail.doubtful or trail.home or not name or word[0] == "-" or "$" in word:
        return opaque(argv, trail)
    kind, language = _unknown(word, folder, name, argv)
    return _program(argv, kind, trail, language=language)


def _by_name(word: str, name: str, argv: Sequence[str], trail: Trail) -> Program | None:
    """A program of the tables, or None."""
    if prepares(name) or runtimes.is_other(name, argv):
        return opaque(argv, trail)
    if language := PROGRAMS.get(name):
        if trail.doubtful and not trail.through and not _corroborated(name, language, argv):
            return None
        return _of_language(language, name, argv, trail)
    if foreign := FOREIGN.get(name):
        argument = trail.doubtful and name in _ARGUMENTS
        return None if argument else _program(argv, Kind.FOREIGN, trail, foreign=foreign)
    if name in MANAGERS or word in _INITS:
        return _program(argv, Kind.MANAGER, trail)
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
        return bool(argv[1:]) and argv[1][:1] in ("-", "@")
    return bool(argv[1:]) and language != "go"


def _by_pattern(word: str, name: str, argv: Sequence[str], trail: Trail) -> Program | None:
    """Options alone, versioned names (python3.12, php-fpm8.2), and suffixes that tell."""
    if word[:1] == "-":
        language = runtimes.of_options(argv)
        return _of_language(language, language, argv, trail) if language else None
    if runtimes.is_python(name):
        return _of_language("python", name, argv, trail)
    if name.startswith(_SPRING_LAUNCHER):
        return _of_language("java", name, argv, trail)
    language, foreign = _of_suffix(name, doubtful=trail.doubtful)
    if language is None and foreign is None:
        language, foreign = _of_versioned(name)
    if language:
        return _of_language(language, name, argv, trail)
    return _program(argv, Kind.FOREIGN, trail, foreign=foreign) if foreign else None


def _of_suffix(name: str, *, doubtful: bool) -> tuple[str | None, str | None]:
    """(language, foreign) by the suffix of a file."""
    _, dot, suffix = name.rpartition(".")
    language, foreign = SUFFIXES.get(f".{suffix}", (None, None)) if dot else (None, None)
    # Bun and Deno run JavaScript too: behind an unknown entrypoint the suffix is not enough.
    return (None, None) if language == "nodejs" and doubtful else (language, foreign)


def _of_versioned(name: str) -> tuple[str | None, str | None]:
    """(language, foreign) by a name with a version behind it."""
    match = _VERSIONED.fullmatch(name)
    if match is None or match[1] not in _WITH_VERSION:
        return None, None
    base = match[1]
    return ("python", None) if base == "uwsgi_python" else (PROGRAMS.get(base), FOREIGN.get(base))


def _of_language(language: str, name: str, argv: Sequence[str], trail: Trail) -> Program:
    if name.startswith("uwsgi") and runtimes.serves_other(name, argv):
        return _program(argv, Kind.FOREIGN, trail, foreign="uWSGI without Python")
    reader = runtimes.READERS.get(language)
    version, ignores = reader(argv[0], name, argv) if reader else (None, None)
    return Program(
        name=name,
        argv=tuple(argv),
        kind=Kind.LANGUAGE,
        language=language,
        version=version,
        ignores=trail.ignores or ignores,
        through=trail.through,
        assigned=trail.assigned,
    )


def _unknown(word: str, folder: str, name: str, argv: Sequence[str]) -> tuple[Kind, str | None]:
    """What a program is that no table knows, and its language where its place tells it."""
    if name.endswith(_SCRIPTS) or word.startswith(_SCRIPT_FOLDERS) or folder.endswith("/s2i"):
        return Kind.SCRIPT, None
    if word.startswith(("/ko-app/", "/go/bin/")):
        return Kind.LANGUAGE, "go"
    if folder.endswith("node_modules/.bin"):
        return Kind.LANGUAGE, "nodejs"
    if "/" not in word or _holds_commands(folder):
        return Kind.PATH, None
    native = _MAIN_CLASS.fullmatch(name) or any(o.startswith(_NATIVE_OPTIONS) for o in argv[1:])
    return Kind.NATIVE if native else Kind.BINARY, None


def _holds_commands(folder: str) -> bool:
    """Whether a folder is one of commands; the root counts (`/coredns`, `/traefik`)."""
    return not folder or folder.rpartition("/")[2] in _COMMAND_FOLDERS


def _program(
    argv: Sequence[str],
    kind: Kind,
    trail: Trail,
    *,
    language: str | None = None,
    foreign: str | None = None,
) -> Program:
    return Program(
        name=argv[0].rpartition("/")[2] if argv else "",
        argv=tuple(argv),
        kind=kind,
        language=language,
        foreign=foreign,
        ignores=trail.ignores,
        through=trail.through,
        assigned=trail.assigned,
    )
