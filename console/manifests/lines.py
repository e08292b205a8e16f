"""Where the lines of a text begin."""

import re
from bisect import bisect_right

_BREAK = re.compile(r"\r\n|\r|\n")


class Lines:
    """Offsets of a text's lines, for any of the three line ends."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts = [0, *(found.end() for found in _BREAK.finditer(text))]

    def number(self, offset: int) -> int:
        """The line of an offset, from 0."""
        return bisect_right(self.starts, offset) - 1

    def begin(self, offset: int) -> int:
        """Where the line of an offset begins."""
        return self.starts[self.number(offset)]

    def column(self, offset: int) -> int:
        """The characters before an offset on its line."""
        return offset - self.begin(offset)

    def after(self, offset: int) -> int:
        """Where the next line begins; the text's length on the last one."""
        following = self.number(offset) + 1
        return self.starts[following] if following < len(self.starts) else len(self.text)

    @property
    def newline(self) -> str:
        """The text's line end: that of its first line."""
        found = _BREAK.search(self.text)
        return found[0] if found else "\n"
