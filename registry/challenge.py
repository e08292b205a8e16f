"""The challenge in a 401: WWW-Authenticate, as RFC 9110 §11 writes it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

_WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_PARAMETER = re.compile(
    rf'\s*({_WORD})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|({_WORD}))\s*(?=,|$)', re.DOTALL
)
_SCHEME = re.compile(rf"\s*({_WORD})(?=[\s,]|$)")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Challenge:
    """How to authenticate: the scheme in lower case, its parameters by name in lower case."""

    scheme: str
    parameters: Mapping[str, str]


def parse(headers: Iterable[str]) -> tuple[Challenge, ...]:
    """The challenges in the headers' values; what is not understood is passed over."""
    return tuple(challenge for header in headers for challenge in _challenges(header))


def _challenges(header: str) -> Iterator[Challenge]:
    at, current = 0, None
    while at < len(header):
        if current is not None and (match := _PARAMETER.match(header, at)):
            quoted, plain = match[2], match[3]
            value = plain if quoted is None else _ESCAPED.sub(r"\1", quoted)
            current.parameters.setdefault(match[1].lower(), value)
        elif match := _SCHEME.match(header, at):
            if current is not None:
                yield Challenge(current.scheme, current.parameters)
            current = _Draft(match[1].lower(), {})
            at = match.end()
            continue  # a scheme and its first parameter have no comma between them
        comma = header.find(",", match.end() if match else at)
        at = comma + 1 if comma >= 0 else len(header)
    if current is not None:
        yield Challenge(current.scheme, current.parameters)


@dataclass(slots=True)
class _Draft:
    scheme: str
    parameters: dict[str, str]
