"""A shell's positional parameters, as far as a script's `set` and `shift` leave them known."""

import re
from collections.abc import Iterable, Iterator, Sequence

from webhook.commandline.tokens import unquoted

Parameters = tuple[str, ...] | None
"""`$0`, `$1`, …; a word with `$` or a backquote may stand for any number of words. None: unknown"""

_LONGEST = 64
_MOST = 8
_EXPANSION = re.compile(
    r"\$(?:(?P<bare>[\d#@*])|\{(?P<name>[\d#@*])"
    r"(?:(?P<cut>[#%])(?P<affix>[^}#%*?\[\\$`]*)|:(?P<at>\d):(?P<length>\d+)"
    r"|(?P<other>:?[-+])(?P<word>[^}$`]*))?\})"
)
_PARAMETER = re.compile(r'"?\$(?:\{?(?:([@*])|(\d))\}?|(BASH_SOURCE|\{BASH_SOURCE(?:\[0\])?\}))"?')
_LOCATED = re.compile(r'"?(?:\$\(|`)(?:which|command -v|type -p) ([\w./+-]+)(?:\)|`)"?')
_CHANGES = re.compile(r"\b(?:set|shift)\b")
_OPTION = re.compile(r"[-+][A-Za-z]*")


def merged(states: Iterable[Parameters]) -> list[Parameters]:
    """Each of the states once; where they are too many, none is known."""
    found = list(dict.fromkeys(states))
    return found if len(found) <= _MOST else [None]


def changed(argv: Sequence[str], before: Parameters) -> Parameters:
    """What `set`, `shift` and `eval` leave of the parameters. `argv` is the command, expanded."""
    if argv[0] == "eval":
        return None if _CHANGES.search(" ".join(argv)) else before
    if argv[0] == "shift":
        return None if before is None else _shifted(argv, before)
    return _set(argv, before)


def called(words: Sequence[str], caller: Parameters) -> Parameters:
    """The parameters of a function, where it is called with words as they are written."""
    first = caller[0] if caller else "$0"
    return changed(("set", "--", *expanded(words[1:], caller)), (first,))


def _set(argv: Sequence[str], before: Parameters) -> Parameters:
    at = 1
    while at < len(argv) and argv[at] != "--" and _OPTION.fullmatch(argv[at]):
        at += 2 if argv[at].endswith("o") else 1
    if at >= len(argv):
        return before
    words = argv[at + 1 :] if argv[at] == "--" else argv[at:]
    if len(words) > _LONGEST or argv[at] == "-":
        return None
    return (before[0] if before else "$0", *words)


def _shifted(argv: Sequence[str], before: tuple[str, ...]) -> Parameters:
    count = argv[1] if len(argv) > 1 else "1"
    if not count.isascii() or not count.isdigit() or len(count) > 3:  # noqa: PLR2004
        return None
    gone = before[1 : 1 + int(count)]
    if not is_plain(gone):
        return None
    # More than there are: nothing is shifted, and what a shell does then differs.
    return (*before[:1], *before[1 + int(count) :]) if len(gone) == int(count) else None


def is_plain(words: Iterable[str]) -> bool:
    """Whether words stand for themselves, one each."""
    return not any("$" in word or "`" in word for word in words)


def expanded(words: Iterable[str], parameters: Parameters) -> Iterator[str]:
    """The words without quotes, with the shell's parameters in place."""
    for word in words:
        if "$" in word or "`" in word:
            if parameter := _PARAMETER.fullmatch(word):
                yield from _parameter(parameter, word, parameters)
                continue
            if located := _LOCATED.fullmatch(word):
                yield located[1]
                continue
        yield unquoted(word)


def _parameter(parameter: re.Match[str], word: str, parameters: Parameters) -> Iterable[str]:
    if parameters is None:
        return (unquoted(word),)
    if parameter[1]:
        return parameters[1:] if word[0] == '"' else " ".join(parameters[1:]).split()
    index = int(parameter[2] or 0)
    if not is_plain(parameters[1:index]):
        return (unquoted(word),)
    found = parameters[index : index + 1] or (unquoted(word),)
    return found if word[0] == '"' else found[0].split()


def value(word: str, parameters: Parameters) -> str | None:
    """What one word of a script is, without its quotes; None where that is not known."""
    if "$" not in word and "`" not in word:
        return unquoted(word)
    if "'" in word or "\\" in word or "`" in word:
        return None
    parts: list[str] = []
    at = 0
    text = unquoted(word)
    for match in _EXPANSION.finditer(text):
        found = _expanded(match, parameters)
        if found is None or (word[:1] != '"' and len(found.split()) != 1):
            return None
        parts += (text[at : match.start()], found)
        at = match.end()
    parts.append(text[at:])
    return "".join(parts) if is_plain(parts) else None


def _expanded(match: re.Match[str], parameters: Parameters) -> str | None:
    found = _named(match["bare"] or match["name"], parameters)
    if found is None:
        return None
    if match["cut"]:
        affix = match["affix"]
        return found.removeprefix(affix) if match["cut"] == "#" else found.removesuffix(affix)
    if match["at"]:
        at = int(match["at"])
        return found[at : at + int(match["length"])] if match["name"].isdigit() else None
    if match["other"]:
        # Set and empty is the same only with the colon.
        if found == "" and ":" not in match["other"]:
            return None
        return match["word"] if (found == "") == (match["other"][-1] == "-") else found
    return found


def _named(name: str, parameters: Parameters) -> str | None:
    """`$1`, `$#`, `$@`: what is behind a word that may be many is not known."""
    if parameters is None:
        return None
    if name.isdigit():
        index = int(name)
        known = is_plain(parameters[min(index, 1) : index + 1])
        return (parameters[index] if index < len(parameters) else "") if known else None
    if not is_plain(parameters[1:]):
        return None
    return str(max(len(parameters) - 1, 0)) if name == "#" else " ".join(parameters[1:])
