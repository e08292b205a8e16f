"""What is kept of a command line: the program, and the script, module or jar that it runs.

All the rest may hold secrets (`--password=…`, `-Dtoken=…`, URLs) and is never written down; nor is
a title that a process gave itself, which is no command line at all.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

_PLAIN = re.compile(r"[\w./@+:$-]{1,256}", re.ASCII)
"""What paths, modules and classes are made of; no blanks, no "=", no quotes."""
_NOT_PLAIN = re.compile(r"://|:[^/]*@")
"""Addresses, and what might be a password in one."""
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_LONGEST = 256

_VALUED_OF_JAVA = (
    "-cp -classpath --class-path -p --module-path --upgrade-module-path --add-modules --add-reads"
    " --add-exports --add-opens --enable-native-access --source"
)
_VALUED_OF_NODE = (
    "-r --require --import --loader --experimental-loader -C --conditions --env-file"
    " --icu-data-dir --title"
)
_JAVA_VALUED = frozenset(_VALUED_OF_JAVA.split())
_PYTHON_VALUED = frozenset(("-W", "-X", "--check-hash-based-pycs"))
_NODE_VALUED = frozenset(_VALUED_OF_NODE.split())
_INLINE = frozenset(("-c", "-e", "--eval", "-p", "--print", "-pe"))


def kept(program: str, argv: Sequence[str], language: str | None) -> tuple[str, ...]:
    """What is kept of a command line (`argv`) whose program lies at a path."""
    reader = _MAINS.get(language or "")
    words = tuple(reader(iter(argv[1:]))) if reader else ()
    plain = words if all(map(_is_plain, words)) else ()
    return (clean(program), *plain)


def clean(text: str) -> str:
    """A path or name as one short line, whatever is in it."""
    return _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", text)[:_LONGEST]


def _is_plain(word: str) -> bool:
    return _PLAIN.fullmatch(word) is not None and _NOT_PLAIN.search(word) is None


def _java(words: Iterator[str]) -> Iterator[str]:
    for word in words:
        if word in ("-jar", "-m", "--module"):
            yield from _with_next(word, words)
            return
        if word in _JAVA_VALUED:
            next(words, None)
        elif word[:1] not in ("-", "@"):
            yield word
            return


def _python(words: Iterator[str]) -> Iterator[str]:
    for word in words:
        if word == "-m":
            yield from _with_next(word, words)
            return
        if word in _INLINE:
            return
        if word in _PYTHON_VALUED:
            next(words, None)
        elif word[:1] != "-":
            yield word
            return


def _nodejs(words: Iterator[str]) -> Iterator[str]:
    for word in words:
        if word in _INLINE:
            return
        if word in _NODE_VALUED:
            next(words, None)
        elif word[:1] != "-":
            yield word
            return


def _dotnet(words: Iterator[str]) -> Iterator[str]:
    dll = next((word for word in words if word.endswith(".dll")), None)
    if dll:
        yield dll


def _with_next(word: str, words: Iterator[str]) -> Iterator[str]:
    value = next(words, None)
    if value:
        yield word
        yield value


_MAINS: Mapping[str, Callable[[Iterator[str]], Iterator[str]]] = {
    "java": _java,
    "python": _python,
    "nodejs": _nodejs,
    "dotnet": _dotnet,
}
