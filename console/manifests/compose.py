"""A document's YAML text, parsed into nodes.

ruamel.yaml scans and parses; what scalars mean, merge keys and duplicate keys are settled here, as
kubectl does it. kubectl takes the last of two equal keys; here they are an error, because nobody
means to write one twice and the API server's strict validation refuses them too.
"""

import re
from collections.abc import Iterator
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
)

from console.manifests import scalars
from console.manifests.errors import PositionError
from console.manifests.lines import Lines
from console.manifests.nodes import Alias, Child, Collection, Node, Scalar
from webhook.model import Json

DEEPEST = 100
"""How deeply collections may be nested; the API server's own limit is far above any manifest."""
LARGEST = 1_000_000
"""How many values aliases may expand to: a few lines of aliases can stand for billions."""

_SURROGATE = re.compile("[\ud800-\udfff]")
_FINAL_BREAKS = "\r\n"


def compose(text: str) -> Node | None:
    """The root node of a text that holds one document, or None when it holds none.

    A last line without an end counts as one that has it, as for kubectl: a block scalar there ends
    in a line break. Raises PositionError for what is no YAML and for what kubectl could not read.
    """
    try:
        return _Composer(text if text.endswith(("\n", "\r")) else text + "\n").document()
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        problem = error.problem or error.context or "no YAML"
        raise PositionError(problem, mark.index if mark else 0) from error
    except YAMLError as error:  # a character that YAML forbids
        raise PositionError(str(error).splitlines()[0], getattr(error, "position", 0)) from error


class _Composer:
    """Turns the parser's events into nodes."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = Lines(text)
        self.events: Iterator[Any] = iter(YAML(typ="safe", pure=True).parse(text))
        self.anchors: dict[str, Node | None] = {}
        self.sizes: dict[int, int] = {}
        self.size = 0

    def document(self) -> Node | None:
        root: Node | None = None
        for event in self.events:
            if isinstance(event, DocumentStartEvent):
                if root is not None:
                    raise PositionError("a second document begins here", event.start_mark.index)
                root = self.node(next(self.events), 0)
        return root

    def node(self, event: Any, depth: int) -> Node:
        if depth > DEEPEST:
            raise PositionError(f"nested more than {DEEPEST} deep", event.start_mark.index)
        if isinstance(event, AliasEvent):
            return self.alias(event)
        if event.anchor is not None:
            self.anchors[event.anchor] = None  # known, but not finished: it cannot hold itself
        before = self.size
        node = (
            self.scalar(event) if isinstance(event, ScalarEvent) else self.collection(event, depth)
        )
        self.count(event, 1)
        if event.anchor is not None:
            self.anchors[event.anchor] = node
            self.sizes[id(node)] = self.size - before
        return node

    def count(self, event: Any, values: int) -> None:
        self.size += values
        if self.size > LARGEST:
            raise PositionError(
                f"more than {LARGEST:,} values with aliases", event.start_mark.index
            )

    def alias(self, event: Any) -> Alias:
        start, end = event.start_mark.index, event.end_mark.index
        if event.anchor not in self.anchors:
            raise PositionError(f"the alias *{event.anchor} has no anchor", start)
        target = self.anchors[event.anchor]
        if target is None:
            raise PositionError(f"the alias *{event.anchor} stands inside its own anchor", start)
        self.count(event, self.sizes[id(target)])
        return Alias(start, end, target, target.data)

    def scalar(self, event: Any) -> Scalar:
        start, end = event.start_mark.index, event.end_mark.index
        plain = not event.style and event.implicit[0]
        try:
            data: Json = scalars.resolve(event.value) if plain else _tagged(event)
        except ValueError as error:
            raise PositionError(str(error), start) from error
        if isinstance(data, str) and _SURROGATE.search(data):
            raise PositionError("an escape that stands for half a character", start)
        if not event.style and event.value == "":
            # The parser puts an empty scalar where the next token begins; its holder knows better.
            start = end = start + len(self.text[start:end].rstrip())
        elif event.anchor is not None or event.tag is not None:
            start = self.after_properties(start, end)
        if event.style in ("|", ">"):
            end = self.block_end(start, end)
        return Scalar(start, end, data, event.style or "", event.anchor)

    def after_properties(self, start: int, end: int) -> int:
        """Where a node's own text begins, behind its anchor and tag."""
        while start < end and self.text[start] in "&!":
            while start < end and not self.text[start].isspace():
                start += 1
            while start < end and self.text[start].isspace():
                start += 1
        return start

    def block_end(self, start: int, end: int) -> int:
        """The end of a block scalar's last line; with `+` blank lines that follow are content."""
        header = self.text[start:end].split("\n", 1)[0].split("#", 1)[0]
        if "+" in header:
            return end
        return start + len(self.text[start:end].rstrip())

    def collection(self, event: Any, depth: int) -> Collection:
        flow = bool(event.flow_style)
        mapping = isinstance(event, MappingStartEvent)
        children, last = self.entries(depth) if mapping else self.items(event, depth)
        if flow:
            start, end = event.end_mark.index - 1, last.end_mark.index
        else:
            start = children[0].key_start
            end = max(_end(children[-1]), children[-1].key_end)
        column = self.lines.column(start)
        node = Collection(start, end, [], children, flow, column, event.anchor)
        node.data = self.mapping(node) if mapping else [child.value.data for child in children]
        return node

    def entries(self, depth: int) -> tuple[list[Child], Any]:
        children: list[Child] = []
        while not isinstance(event := next(self.events), MappingEndEvent):
            plain_merge = isinstance(event, ScalarEvent) and event.value == "<<" and not event.style
            begin = event.start_mark.index
            name = self.node(event, depth + 1)
            if isinstance(name.data, dict | list):
                raise PositionError("a key that is no text", begin)
            value = self.node(next(self.events), depth + 1)
            after_key = self.after_colon(name.end)
            _settle(value, after_key)
            mark = self.question_mark(begin)
            children.append(
                Child(
                    key="<<" if plain_merge else scalars.key(name.data),
                    value=value,
                    original=value,
                    key_start=begin if mark is None else mark,
                    key_end=after_key or name.end,
                    merge=plain_merge,
                    explicit=not after_key or mark is not None,
                )
            )
        return children, event

    def after_colon(self, offset: int) -> int:
        """Where it goes on behind the colon that follows a key; 0 for none (`{key}`, `? key`)."""
        while self.text[offset : offset + 1] in (" ", "\t"):
            offset += 1
        return offset + 1 if self.text[offset : offset + 1] == ":" else 0

    def question_mark(self, key: int) -> int | None:
        """Where the `?` stands that says that a key follows, if there is one."""
        before = self.text[self.lines.begin(key) : key].rstrip()
        marked = before == "?" or before.endswith(" ?")
        return self.lines.begin(key) + len(before) - 1 if marked else None

    def items(self, opening: Any, depth: int) -> tuple[list[Child], Any]:
        children: list[Child] = []
        flow = bool(opening.flow_style)
        dash = 0 if flow else self.first_dash(opening)
        while not isinstance(event := next(self.events), SequenceEndEvent):
            begin = event.start_mark.index
            value = self.node(event, depth + 1)
            if flow:
                children.append(Child(None, value, value, begin, begin))
                continue
            _settle(value, dash + 1)
            children.append(Child(None, value, value, dash, dash + 1))
            dash = self.next_dash(max(value.end, dash + 1))
        return children, event

    def first_dash(self, opening: Any) -> int:
        start: int = opening.start_mark.index
        return self.next_dash(self.after_properties(start, len(self.text)))

    def next_dash(self, offset: int) -> int:
        """The dash of the next item of a block sequence, past comments and blank lines."""
        while offset < len(self.text) and self.text[offset] != "-":
            if self.text[offset] == "#":
                while offset < len(self.text) and self.text[offset] not in _FINAL_BREAKS:
                    offset += 1
            else:
                offset += 1
        return offset

    def mapping(self, node: Collection) -> dict[str, Json]:
        """The mapping's value. As in goyaml.v2, `<<` counts where it stands: what follows wins."""
        data: dict[str, Json] = {}
        own: set[str] = set()
        for child in node.children:
            if child.merge:
                merged = self.merged(child)
                node.merged.update(merged)
                data.update(merged)
                continue
            name = str(child.key)
            if name in own:
                raise PositionError(f'the key "{name}" is there twice', child.key_start)
            own.add(name)
            data[name] = child.value.data
        return data

    def merged(self, child: Child) -> dict[str, Json]:
        """What `<<` brings; of several mappings in a list the first wins, as YAML 1.1 says."""
        value = child.value.data
        sources = value if isinstance(value, list) else [value]
        if not all(isinstance(source, dict) for source in sources):
            raise PositionError("<< merges mappings only", child.key_start)
        result: dict[str, Json] = {}
        for source in reversed(sources):
            result.update(source)
        return result


def _tagged(event: Any) -> Json:
    """The value of a quoted, block or explicitly tagged scalar."""
    text = str(event.value)
    return text if event.tag is None else scalars.tagged(event.tag, text)


def _settle(node: Node, offset: int) -> None:
    """Put an empty scalar without anchor and tag right behind its key's colon or its dash."""
    if isinstance(node, Scalar) and node.start == node.end and node.anchor is None and offset:
        node.start = node.end = offset


def _end(child: Child) -> int:
    return 0 if child.original is None else child.original.end
