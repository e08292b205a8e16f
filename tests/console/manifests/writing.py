"""Hypothesis strategies: JSON values, written as YAML in the many ways in which people write it."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any, TypeVar

from hypothesis import strategies as st

from webhook.model import Json, Operation

_TEXTS = st.one_of(
    st.sampled_from(
        ["", "a", "yes", "0644", "1.0", "12:30", "null", "~", "- x", "a: b", "a #b", "#", "{", "'",
         '"', "\\", " padded ", "tab\there", "two\nlines", "ends\n", "🙂 smile", "-Xmx1g", "é", "%"]
    ),
    st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), max_size=12),
)  # fmt: skip
_WORDS = ("y", "n", "yes", "no", "on", "off", "true", "false", "null")
_SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-999, 9999), _TEXTS)
_KEYS = st.sampled_from(["a", "b", "name", "value", "x.y/z", "y", "8080", "two words", "🙂"])

VALUES: st.SearchStrategy[Json] = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(_KEYS, inner, max_size=4)),
    max_leaves=12,
)
OBJECTS: st.SearchStrategy[dict[str, Json]] = st.dictionaries(_KEYS, VALUES, min_size=1, max_size=5)

T = TypeVar("T")
Draw = Callable[[st.SearchStrategy[Any]], Any]


class Writer:
    """Writes a value as YAML, drawing at every turn one of the ways in which it can be written."""

    def __init__(self, draw: Draw) -> None:
        self.draw = draw
        self.step = draw(st.sampled_from([2, 4]))
        self.dash = draw(st.sampled_from([0, 2]))

    def one_of(self, *choices: T) -> T:
        """One of the choices."""
        chosen: T = self.draw(st.sampled_from(choices))
        return chosen

    def document(self, value: dict[str, Json]) -> str:
        """A whole document."""
        head = self.one_of("", "---\n", "--- # here\n", "# a comment\n---\n", "%YAML 1.1\n---\n")
        tail = self.one_of("", "# the end\n", "\n\n", "...\n")
        text = head + "".join(f"{line}\n" for line in self.block(value)) + tail
        text = text if self.one_of(True, False) else text.rstrip("\n")
        return text.replace("\n", "\r\n") if self.one_of(*[False] * 3, True) else text

    def block(self, value: Json) -> list[str]:
        """The lines of a collection that is not empty."""
        lines: list[str] = []
        for one in value.items() if isinstance(value, dict) else value:
            lines += self.one_of(*[()] * 5, ("",), ("# comment - : {",))
            lines += self.entry(*one) if isinstance(value, dict) else self.item(one)
        return lines

    def entry(self, key: str, value: Json) -> list[str]:
        """The lines of a mapping's entry."""
        name = self.key(key)
        if not isinstance(value, dict | list) or not value or self.one_of(*[False] * 4, True):
            return self.inline(f"{name}:", value)
        width = self.dash if isinstance(value, list) else self.step
        comment = self.one_of("", "", "", "  # about it")
        return [f"{name}:{comment}", *(" " * width + line for line in self.block(value))]

    def item(self, value: Json) -> list[str]:
        """The lines of a sequence's item."""
        if not isinstance(value, dict | list) or not value or self.one_of(*[False] * 4, True):
            return self.inline("-", value)
        gap = self.one_of(" ", " ", "   ")
        lines = self.block(value)
        while not lines[0] or lines[0].startswith("#"):
            lines = lines[1:]
        indent = " " * (1 + len(gap))
        return [f"-{gap}{lines[0]}", *(indent + line for line in lines[1:])]

    def inline(self, before: str, value: Json) -> list[str]:
        """A value that begins on the line of its key or dash."""
        comment = self.one_of("", "", "", " # said")
        if value is None and self.one_of(True, False):
            return [before + comment]
        if isinstance(value, str) and "\n" in value and self.is_literal(value):
            header = "|" if value.endswith("\n") else "|-"
            lines = value.removesuffix("\n").split("\n")
            return [f"{before} {header}", *(" " * self.step + line for line in lines)]
        return [f"{before} {self.flow(value)}{comment}"]

    @staticmethod
    def is_literal(value: str) -> bool:
        """Whether a text can be a literal block without further indicators."""
        lines = value.removesuffix("\n").split("\n")
        return all(line and not line.startswith(" ") and line.isprintable() for line in lines)

    def flow(self, value: Json) -> str:
        """A value in brackets, braces or quotes."""
        if isinstance(value, list):
            return f"[{self.one_of(', ', ',').join(map(self.flow, value))}]"
        if isinstance(value, dict):
            pairs = (f"{self.key(key)}: {self.flow(one)}" for key, one in value.items())
            return f"{{{self.one_of(', ', ' , ').join(pairs)}}}"
        return self.scalar(value)

    def key(self, key: str) -> str:
        """A mapping's key."""
        if key in ("y", "8080"):
            return f'"{key}"'
        return self.one_of(key, f'"{key}"', f"'{key}'")

    def scalar(self, value: Json) -> str:
        """A scalar on one line."""
        if value is None:
            return self.one_of("null", "~")
        if isinstance(value, bool):
            return self.one_of(*(("true", "yes", "On") if value else ("false", "no", "OFF")))
        if isinstance(value, int):
            return str(value)
        if value.isalpha() and value.isascii() and value.lower() not in _WORDS:
            quoted: str = self.one_of(value, f"'{value}'")
            return quoted
        if value.isprintable() and "'" not in value:
            return f"'{value}'"
        return '"' + "".join(f"\\U{ord(character):08x}" for character in value) + '"'


@st.composite
def operations(draw: Draw, value: Json) -> tuple[Operation, ...]:
    """Operations that can be applied to `value` one after the other; `value` is changed by them."""
    made: list[Operation] = []
    for _ in range(draw(st.integers(1, 4))):
        path, holder = "", value
        while True:
            names = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
            deeper = [name for name in names if isinstance(holder[name], dict | list)]
            if not deeper or draw(st.booleans()):
                break
            name = draw(st.sampled_from(deeper))
            path, holder = f"{path}/{_escape(name)}", holder[name]
        made.append(draw(_operation(path, holder)))
    return tuple(made)


def _escape(name: Json) -> str:
    return str(name).replace("~", "~0").replace("/", "~1")


@st.composite
def _operation(draw: Draw, path: str, holder: Json) -> Operation:
    names = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
    kind = draw(st.sampled_from(["add", "replace", "remove"])) if names else "add"
    new = draw(VALUES)
    given = deepcopy(new)  # later operations may go into the value that stands in the holder now
    if kind == "add":
        if isinstance(holder, dict):
            name = draw(_KEYS)
            holder[name] = new
        else:
            name = draw(st.integers(0, len(holder)))
            holder.insert(name, new)
        return Operation("add", f"{path}/{_escape(name)}", given)
    name = draw(st.sampled_from(names))
    if kind == "remove":
        del holder[name]
        return Operation("remove", f"{path}/{_escape(name)}")
    holder[name] = new
    return Operation("replace", f"{path}/{_escape(name)}", given)
