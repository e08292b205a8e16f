"""The words and operators of a shell script.

Written out instead of `shlex`, which knows neither `$(…)` nor operators inside words and reads
character by character. Quantifiers are possessive: the time stays linear whatever is sent.
"""

import re

MARK = "\0"
"""Operators are strings that begin with this, so that they can never be taken for a word."""

_NESTED = r"\((?:[^()]|\((?:[^()]|\([^()]*+\))*+\))*+\)"
_SUBSTITUTION = rf"\${_NESTED}|`[^`]*+`|\$\{{[^}}]*+\}}"
_DOUBLE = rf'"(?>[^"\\$`]++|\\.|{_SUBSTITUTION}|\$(?![({{]))*+"'
_WORD = rf"(?>[^\s'\"\\`$;&|<>()]++|'[^']*+'|{_DOUBLE}|\\.|{_SUBSTITUTION}|\$(?![({{]))++"
_TOKEN = re.compile(
    rf"""(?:[ \t\r\f\v]|\\\n)++|\#[^\n]*+
    |(?P<redirection>(?:\d+(?=[<>]))?(?:<<<|<>|[<>]&|>>|>\||<|>)|&>>?)
    |(?P<operator>&&|\|\||;;|\|&|[;&|()\n])
    |(?P<word>{_WORD})
    |(?P<broken>.)""",
    re.VERBOSE | re.DOTALL,
)
_HERE = re.compile(r"<<-?[ \t]*(?P<quote>['\"]?)\\?(?P<end>[\w.-]+)(?P=quote)")
_QUOTED = re.compile(
    rf"'([^']*+)'|\"((?>[^\"\\$`]++|\\.|{_SUBSTITUTION}|\$(?![({{]))*+)\"|\\(.)", re.DOTALL
)
_ESCAPED = re.compile(r'\\([$`"\\\n])')


def tokens(script: str) -> list[str] | None:
    """Words as they are written, and operators behind `MARK`; None when that cannot be told."""
    if MARK in script:
        return None
    if "<<" in script:
        script = _without_here_documents(script)
    found: list[str] = []
    for match in _TOKEN.finditer(script):
        group = match.lastgroup
        if group == "word":
            found.append(match[0])
        elif group == "operator":
            found.append(MARK + match[0])
        elif group == "redirection":
            found.append(MARK + ">")
        elif group == "broken":
            return None
    return found


def unquoted(word: str) -> str:
    """The word without its quotes; `$…` stays as it is written."""
    if "'" not in word and '"' not in word and "\\" not in word:
        return word
    return _QUOTED.sub(_content, word)


def _content(match: re.Match[str]) -> str:
    if match[1] is not None:
        return match[1]
    if match[2] is not None:
        return _ESCAPED.sub(lambda escape: "" if escape[1] == "\n" else escape[1], match[2])
    return "" if match[3] == "\n" else match[3]


def _without_here_documents(script: str) -> str:
    """The script without the bodies of `<<END … END`."""
    kept: list[str] = []
    awaited: list[str] = []
    for line in script.split("\n"):
        if awaited:
            if line.strip() == awaited[0]:
                awaited.pop(0)
            continue
        if "<<" in line and "<<<" not in line:
            awaited = [match["end"] for match in _HERE.finditer(line)]
        kept.append(_HERE.sub("", line) if awaited else line)
    return "\n".join(kept)
