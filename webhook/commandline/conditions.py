"""What a test in a script says of its parameters: yes, no, or None where that is not known.

Whatever depends on files, variables or the output of a command is not known.
"""

import operator
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from fnmatch import fnmatchcase

from webhook.commandline.grammar import Commands, Pipeline, Simple
from webhook.commandline.parameters import Parameters, value
from webhook.commandline.tokens import MARK, unquoted

_ASKING_NAMES = "[ [[ test command expr find getent grep egrep hash id type which"
_ASKING = frozenset(_ASKING_NAMES.split())
"""Commands that are run for their status: what follows behind `&&` runs perhaps."""
_CLOSING = {"[": "]", "[[": "]]"}
_CONSTANT: Mapping[tuple[str, ...], bool] = {("true",): True, (":",): True, ("false",): False}
_NUMBERS: Mapping[str, Callable[[int, int], bool]] = {
    "-eq": operator.eq,
    "-ne": operator.ne,
    "-lt": operator.lt,
    "-le": operator.le,
    "-gt": operator.gt,
    "-ge": operator.ge,
}
_EQUAL = ("=", "==")
_LONGEST_NUMBER = 9
_LONGEST_PATTERN = 200


def asks(pipeline: Pipeline, functions: Container[str]) -> bool:
    """Whether a pipeline is run for its status."""
    first = pipeline.parts[0]
    if pipeline.negated or not isinstance(first, Simple):
        return pipeline.negated
    return first.words[0] in _ASKING or first.words[0] in functions


def holds(pipeline: Pipeline, parameters: Parameters) -> bool | None:
    """Whether a pipeline succeeds."""
    (first, *others) = pipeline.parts
    if others or not isinstance(first, Simple):
        return None
    # A `shift` beyond the last parameter fails: then none of them is known.
    found = True if first.words[0] in ("set", "shift") else _test(first.words, parameters)
    return found if found is None or not pipeline.negated else not found


def matches(subject: str | None, patterns: Iterable[str], parameters: Parameters) -> bool | None:
    """Whether `case subject in patterns` takes a branch."""
    text = value(subject, parameters) if subject else None
    found = [_fits(text, pattern) for pattern in patterns]
    return True if True in found else None if None in found else False


def _fits(text: str | None, pattern: str) -> bool | None:
    if pattern == "*":
        return True
    if text is None or len(pattern) > _LONGEST_PATTERN or any(c in pattern for c in "$`\\\0"):
        return None
    literal = unquoted(pattern)
    if literal != pattern:
        # Quoted text is no pattern, and a part of a word may be quoted: "$x"*.
        quoted = pattern.count('"') + pattern.count("'")
        if any(c in literal for c in "*?["):
            head = pattern[1:].partition(pattern[0])
            plain = quoted == 2 and pattern[0] in "\"'" and not any(c in head[0] for c in "*?[")  # noqa: PLR2004
            return fnmatchcase(text, literal) if plain and "[" not in literal else None
        return text == literal
    # Extended patterns, +(a|b), are bash's own; classes and ranges follow the locale.
    if any(c in pattern for c in "[()"):
        return None
    return fnmatchcase(text, pattern)


def leads(sign: str, status: bool | None) -> bool:  # noqa: FBT001
    """Whether what stands behind `&&` or `||` may run."""
    return status is not (sign == "||") or not sign


def skips(sign: str, status: bool | None, *, asked: bool) -> bool:  # noqa: FBT001
    """Whether it may be passed over; what prepares is taken to succeed before `&&`."""
    if not sign or (status is None and sign == "&&" and not asked):
        return False
    return status is not (sign == "&&")


def succeeds(condition: Commands, parameters: Parameters) -> bool | None:
    """Whether a condition of one test holds."""
    if len(condition) != 1 or condition[0].background:
        return None
    status: bool | None = True
    for sign, pipeline in condition[0].pipelines:
        answer = holds(pipeline, parameters)
        if sign == "||":
            status = True if True in (status, answer) else _known(status, answer)
        else:
            status = False if False in (status, answer) else _known(status, answer)
    return status


def _known(left: bool | None, right: bool | None) -> bool | None:  # noqa: FBT001
    return None if None in (left, right) else right


def _test(words: Sequence[str], parameters: Parameters) -> bool | None:
    if tuple(words) in _CONSTANT:
        return _CONSTANT[tuple(words)]
    name = words[0]
    if name not in ("[", "[[", "test"):
        return None
    closing = _CLOSING.get(name)
    if closing is not None and words[-1] != closing:
        return None
    inner = list(words[1:-1] if closing else words[1:])
    if any(word in ("(", ")", "\\(", "\\)", MARK + "(", MARK + ")") for word in inner):
        return None
    return _either(inner, parameters, double=name == "[[")


def _either(words: list[str], parameters: Parameters, *, double: bool) -> bool | None:
    """`a -o b`, of which each is `c -a d`."""
    or_, and_ = (MARK + "||", MARK + "&&") if double else ("-o", "-a")
    found = [
        _every([_one(part, parameters, double=double) for part in _parts(either, and_)])
        for either in _parts(words, or_)
    ]
    return True if True in found else None if None in found else False


def _every(found: Sequence[bool | None]) -> bool | None:
    return False if False in found else None if None in found else True


def _parts(words: list[str], separator: str) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    for word in words:
        if word == separator:
            parts.append([])
        else:
            parts[-1].append(word)
    return parts


def _one(words: list[str], parameters: Parameters, *, double: bool) -> bool | None:
    """A test of at most three words, negated or not."""
    if words[:1] == ["!"]:
        found = _one(words[1:], parameters, double=double)
        return None if found is None else not found
    if len(words) == 1:
        text = value(words[0], parameters)
        return None if text is None else text != ""
    if len(words) == 2 and words[0] in ("-n", "-z"):  # noqa: PLR2004
        text = value(words[1], parameters)
        return None if text is None else (text != "") == (words[0] == "-n")
    if len(words) != 3:  # noqa: PLR2004
        return None
    return _compared(words, parameters, double=double)


def _compared(words: list[str], parameters: Parameters, *, double: bool) -> bool | None:
    left, sign, right = words
    text = value(left, parameters)
    other = value(right, parameters)
    if sign in _NUMBERS:
        if not (_is_number(text) and _is_number(other)):
            return None
        return _NUMBERS[sign](int(text or 0), int(other or 0))
    if sign not in (*_EQUAL, "!="):
        return None
    is_pattern = double and any(c in right for c in "*?[(")
    if is_pattern:
        found = _fits(text, right)
    else:
        found = None if text is None or other is None else text == other
    return None if found is None else found == (sign in _EQUAL)


def _is_number(text: str | None) -> bool:
    return text is not None and text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER
