"""A file's text, cut into the texts of its documents.

YAML forbids `---` and `...` followed by white space at the start of a line inside any content, even
inside a block scalar or a quoted text (YAML 1.2.2, 9.1.2 "document markers"), so that lines alone
tell where documents begin. Joining the parts gives the text back.
"""

import re
from dataclasses import dataclass

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_MARKER = re.compile(r"\ufeff?(---|\.\.\.)(?=[ \t\r\n]|\Z)")
_ASIDE = re.compile(r"\ufeff?[ \t]*(?:#[^\r\n]*)?(?:\r\n|\r|\n|\Z)")


@dataclass(frozen=True, slots=True)
class Part:
    """The text of one document, with what belongs to it: directives, its marker, comments.

    `line` is the line of the file on which it begins, `number` which document it is; both from 1.
    """

    text: str
    line: int
    number: int


def split(text: str) -> tuple[Part, ...]:
    """The documents of a text in order; never fewer than one, which is empty when the text is."""
    parts: list[Part] = []
    begin, begin_line = 0, 1
    content = False  # whether the document that is being read has begun, with a marker or a value
    ended = False  # whether `...` has closed it
    for line, (start, this) in enumerate(_lines(text), start=1):
        marker = _MARKER.match(this)
        opens = marker is not None and marker[1] == "---"
        if content and (opens or (ended and not _closing(this, marker))):
            parts.append(Part(text[begin:start], begin_line, len(parts) + 1))
            begin, begin_line = start, line
            content = ended = False
        ended = not opens and (ended or marker is not None)
        content = content or opens or not _outside(this)
    parts.append(Part(text[begin:], begin_line, len(parts) + 1))
    return tuple(parts)


def _lines(text: str) -> list[tuple[int, str]]:
    return [(found.start(), found[0]) for found in _LINE.finditer(text) if found[0]]


def _closing(line: str, marker: re.Match[str] | None) -> bool:
    """Whether a line after `...` still belongs to the document that it closed."""
    return marker is not None or _ASIDE.fullmatch(line) is not None


def _outside(line: str) -> bool:
    """Whether a line may precede a document: blank, comment, directive."""
    return line.startswith("%") or _ASIDE.fullmatch(line) is not None
