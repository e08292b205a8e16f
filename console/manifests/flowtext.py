"""Brackets and braces, put together again from the pieces of their text."""

from console.manifests.changes import current, is_changed
from console.manifests.layout import Layout
from console.manifests.nodes import Child, Collection, Fresh, Node, Scalar
from console.manifests.render import entry, flow, is_inline
from console.manifests.scalars import write


class FlowWriter:
    """Writes changed flow collections of one text."""

    def __init__(self, text: str, layout: Layout) -> None:
        self.text = text
        self.layout = layout

    def collection(self, node: Collection) -> str:
        """The text of a changed collection, from its opening bracket to its closing one."""
        kept = [child for child in node.children if not child.removed]
        known = [child for child in node.children if child.original is not None]
        indent = self.indent(node.start)
        if not known or not kept:
            return flow(current(node), self.layout, indent)
        inner = self.indent(known[0].key_start)
        separator = self.separator(node, known, inner)
        pieces = [self.text[node.start : known[0].key_start]]
        for index, child in enumerate(kept):
            if index:
                pieces.append(self.gap(known, child, separator))
            pieces.append(self.piece(child, inner))
        return "".join([*pieces, self.text[_end(known[-1]) : node.end]])

    def separator(self, node: Collection, known: list[Child], inner: str) -> str:
        """What stands between a new child and its neighbours."""
        if "\n" in self.text[node.start : known[0].key_start]:
            return "," + self.layout.newline + inner
        return self.layout.comma

    def gap(self, known: list[Child], child: Child, separator: str) -> str:
        """What stands before a child that is not the first: its own text when it has one."""
        index = next((i for i, one in enumerate(known) if one is child), 0)
        if not index:
            return separator
        return self.text[_end(known[index - 1]) : child.key_start]

    def piece(self, child: Child, inner: str) -> str:
        """The text of a child that stays, with its key."""
        if child.original is None:
            data = current(child.value)
            if child.key is None:
                return flow(data, self.layout, inner)
            return entry(child.key, data, self.layout, inner)
        start, end = child.original.start, child.original.end
        if isinstance(child.value, Fresh):
            text = self.replaced(child.original, child.value, inner)
            space = " " if start == end else ""
            return self.text[child.key_start : start] + space + text
        if isinstance(child.value, Collection) and is_changed(child.value):
            return self.text[child.key_start : start] + self.collection(child.value)
        return self.text[child.key_start : end]

    def replaced(self, old: Node, value: Fresh, inner: str) -> str:
        """The text of a value that takes another's place; single quotes are kept."""
        single = isinstance(old, Scalar) and old.style == "'"
        if single and isinstance(value.data, str) and is_inline(value.data):
            return write(value.data, "'")
        return flow(value.data, self.layout, inner)

    def indent(self, offset: int) -> str:
        """The white space at the beginning of an offset's line."""
        begin = max(self.text.rfind("\n", 0, offset), self.text.rfind("\r", 0, offset)) + 1
        line = self.text[begin:offset]
        return line[: len(line) - len(line.lstrip(" \t"))]


def _end(child: Child) -> int:
    return child.key_end if child.original is None else max(child.original.end, child.key_end)
