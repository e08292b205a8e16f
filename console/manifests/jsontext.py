"""JSON text, parsed into the same nodes as YAML: all of it is flow.

JSON is not read as YAML: its tabs, escaped slashes and surrogate pairs are not YAML's, and kubectl
reads what begins with a brace as JSON.
"""

import json
import re
from collections.abc import Iterator

from console.manifests.compose import DEEPEST
from console.manifests.errors import PositionError
from console.manifests.nodes import Child, Collection, Node, Scalar

_SPACE = re.compile(r"[ \t\r\n]*")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*"')
_WORD = re.compile(r"true|false|null")
_LITERALS = (_STRING, _NUMBER, _WORD)


def compose_all(text: str) -> Iterator[Node]:
    """Every value of a text that holds one or more JSON values in a row, as kubectl takes them.

    Raises PositionError for what is no JSON, after the values before it.
    """
    reader = _Reader(text)
    while reader.peek():
        yield reader.value(0)


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.offset = 0

    def peek(self) -> str:
        """The next character that is no white space; empty at the end."""
        found = _SPACE.match(self.text, self.offset)
        self.offset = found.end() if found else self.offset
        return self.text[self.offset : self.offset + 1]

    def expect(self, characters: str) -> str:
        found = self.peek()
        if not found or found not in characters:
            raise PositionError(f"expected {' or '.join(characters)}", self.offset)
        self.offset += 1
        return found

    def value(self, depth: int) -> Node:
        if depth > DEEPEST:
            raise PositionError(f"nested more than {DEEPEST} deep", self.offset)
        opening = self.peek()
        if opening == "{":
            return self.collection("}", depth)
        if opening == "[":
            return self.collection("]", depth)
        return self.literal()

    def literal(self) -> Scalar:
        for pattern in _LITERALS:
            if found := pattern.match(self.text, self.offset):
                self.offset = found.end()
                style = '"' if found[0].startswith('"') else ""
                return Scalar(found.start(), found.end(), json.loads(found[0]), style)
        raise PositionError("expected a JSON value", self.offset)

    def collection(self, closing: str, depth: int) -> Collection:
        start = self.offset
        self.offset += 1
        children: list[Child] = []
        keys: dict[str, int] = {}
        if self.peek() == closing:
            self.offset += 1
        else:
            mark = ","
            while mark == ",":
                child = self.entry(depth) if closing == "}" else self.item(depth)
                if child.key is not None and child.key in keys:
                    raise PositionError(f'the key "{child.key}" is there twice', child.key_start)
                keys[child.key or ""] = child.key_start
                children.append(child)
                mark = self.expect("," + closing)
        pairs = {str(child.key): child.value.data for child in children}
        data = pairs if closing == "}" else [child.value.data for child in children]
        return Collection(start, self.offset, data, children, flow=True, column=0)

    def entry(self, depth: int) -> Child:
        if self.peek() != '"':
            raise PositionError("expected a key in double quotes", self.offset)
        name = self.literal()
        self.expect(":")
        colon = self.offset
        value = self.value(depth + 1)
        return Child(str(name.data), value, value, name.start, colon)

    def item(self, depth: int) -> Child:
        value = self.value(depth + 1)
        return Child(None, value, value, value.start, value.start)
