"""What the command line of a runtime tells beside its language: version, and what it ignores."""

import re
from collections.abc import Callable, Sequence
from itertools import pairwise

from webhook.commandline.known import PYTHON
from webhook.commandline.options import value

Reading = tuple[str | None, str | None]
"""(version, why it would not read injected variables)."""

_PYTHON_NAME = re.compile(r"python(\d(?:\.\d+)?)?(?:t|d|-dbg)?")
_PYTHON_PATH = re.compile(r"/(?:c?python-?|cp)(3)\.?(\d+)[./-]")
_NODE_PATH = re.compile(r"/(?:node(?:js)?[/-]?)v?(\d+(?:\.\d+)*)[/-]")
_JAVA_PATH = re.compile(
    r"(?:java|jdk|jre|zulu|temurin|corretto|liberica|semeru|sapmachine)[-_]?(?:1\.)?(\d+)(?=[^\d]|$)"
)
_JVM_OPTION = re.compile(r"-(?:jar$|javaagent:|XX:[+\-A-Z]|Xm[sxn]\d|Xss\d|classpath$)")
_MODULES = frozenset(PYTHON.split()) - {"python", "python2", "python3"}

# The nodes of blockchains have them, Node.js has not.
_CHAIN_OPTIONS = "--home --chain --base-path --datadir --data-dir --network --validator --dev --rpc"
_OF_CHAINS = frozenset(_CHAIN_OPTIONS.split())

_IGNORING = {
    "I": "python -I ignores PYTHONPATH",
    "E": "python -E ignores PYTHONPATH",
    "S": "python -S does not import sitecustomize",
}
_FLAGS_WITH_VALUE = frozenset("cmWX")
_WEB_SERVER_LANGUAGES = re.compile(r"\b(?:psgi|rack|php|ruby|lua|v8|mono)\b")


def python(word: str, name: str, argv: Sequence[str]) -> Reading:
    """An interpreter, or a program that some interpreter runs."""
    match = _PYTHON_NAME.fullmatch(name)
    if match is None:
        return None, _ignored_by_program(name, argv)
    version = match[1]
    if version in (None, "3"):  # any Python 3: the name tells nothing about the minor version
        version = None
        if "/" in word and (path := _PYTHON_PATH.search(word)):
            version = f"{path[1]}.{path[2]}"
    return version, _ignored_by_python(argv)


def _ignored_by_program(name: str, argv: Sequence[str]) -> str | None:
    """Programs that an interpreter runs without asking the environment."""
    if name.endswith(".pex"):
        return "a PEX file ignores PYTHONPATH"
    if name.startswith("uwsgi") and "--no-site" in argv:
        return "uwsgi --no-site does not import sitecustomize"
    return None


def _ignored_by_python(argv: Sequence[str]) -> str | None:
    """Look through the interpreter's own flags, which end at the script, `-c` or `-m`."""
    at = 1
    while at < len(argv):
        word = argv[at]
        if word[:1] != "-" or word in ("-", "--"):
            return None
        at += 1
        if word[:2] == "--":
            at += word == "--check-hash-based-pycs"
            continue
        for index, flag in enumerate(word[1:], 2):
            if flag in _IGNORING:
                return _IGNORING[flag]
            if flag in _FLAGS_WITH_VALUE:
                if flag in "cm":
                    return None
                at += index == len(word)
                break
    return None


def java(word: str, name: str, _argv: Sequence[str]) -> Reading:
    """The version stands in the path of most packaged runtimes: /usr/lib/jvm/java-17-openjdk/…."""
    # Their start scripts unset JAVA_TOOL_OPTIONS ("warning: ignoring JAVA_TOOL_OPTIONS").
    if name in ("elasticsearch", "opensearch", "logstash"):
        return None, f"the start script of {name} unsets JAVA_TOOL_OPTIONS"
    match = _JAVA_PATH.search(word, 0, word.rfind("/")) if "/" in word else None
    return (match[1] if match else None), None


def nodejs(word: str, name: str, _argv: Sequence[str]) -> Reading:
    """The version stands in the name or path of some packages: node18, …/node/v18.19.0/bin/node."""
    if "/" in word and (match := _NODE_PATH.search(word)):
        return match[1], None
    digits = name.removeprefix("nodejs").removeprefix("node").lstrip("-")
    return (digits if digits.isdigit() else None), None


READERS: dict[str, Callable[[str, str, Sequence[str]], Reading]] = {
    "python": python,
    "java": java,
    "nodejs": nodejs,
}


def of_options(argv: Sequence[str]) -> str | None:
    """The language that options alone are sure to belong to: `-jar app.jar`, `-m uvicorn`."""
    if any(_JVM_OPTION.match(word) for word in argv):
        return "java"
    module = value(argv, "-m")
    return "python" if module and module.partition(".")[0] in _MODULES else None


def is_python(name: str) -> bool:
    """Whether a name is a Python interpreter's: python3.12."""
    return _PYTHON_NAME.fullmatch(name) is not None


def serves_other(name: str, argv: Sequence[str]) -> bool:
    """Whether a uWSGI server serves something else than Python."""
    return name.startswith("uwsgi") and any(
        _WEB_SERVER_LANGUAGES.search(word)
        for before, word in pairwise(argv)
        if word[:1] == "-" or "=" in word or before.startswith("--plugin")
    )


def is_other(name: str, argv: Sequence[str]) -> bool:
    """Whether a `node` is none of Node.js: it would not start with such an option."""
    return name == "node" and bool(argv[1:]) and argv[1].partition("=")[0] in _OF_CHAINS
