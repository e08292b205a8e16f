"""A patched tree, turned into the edits of the text it came from.

Lines of a block are added and taken away whole; a value on its key's line is replaced where it
stands; brackets and braces are assembled from their own pieces. What did not change has no edit.
"""

from dataclasses import dataclass

from console.manifests.changes import current, is_changed, must_be_rewritten, settle
from console.manifests.flowtext import FlowWriter
from console.manifests.layout import Layout
from console.manifests.lines import Lines
from console.manifests.nodes import Child, Collection, Node, Scalar
from console.manifests.render import block, entry_lines, is_inline, item_lines
from console.manifests.scalars import write
from webhook.model import Json


@dataclass(frozen=True, slots=True)
class Edit:
    """`text` takes the place of what stands from `start` to `end`."""

    start: int
    end: int
    text: str


def rewrite(text: str, root: Node, layout: Layout) -> str:
    """The text of a document after the changes that its patched tree asks for."""
    # Lines are added behind lines: the last one needs its end, which is taken away afterwards.
    ended = text.endswith(("\n", "\r"))
    whole = text if ended else text + layout.newline
    result = _apply(whole, _Editor(whole, layout).edits(root))
    return result if ended else result.removesuffix(layout.newline)


def _apply(text: str, edits: list[Edit]) -> str:
    pieces, offset = [], 0
    for edit in sorted(edits, key=lambda one: one.start):  # stable: equal places keep their order
        pieces += [text[offset : edit.start], edit.text]
        offset = edit.end
    return "".join([*pieces, text[offset:]])


class _Editor:
    def __init__(self, text: str, layout: Layout) -> None:
        self.text = text
        self.layout = layout
        self.lines = Lines(text)
        self.flow = FlowWriter(text, layout)
        self.done: list[Edit] = []

    def edits(self, root: Node) -> list[Edit]:
        settle(root, self.lines)
        if isinstance(root, Collection) and is_changed(root):
            if must_be_rewritten(root, self.lines):
                self.rewritten(root.start, root.end, current(root), root.column)
            else:
                self.collection(root, self.lines.begin(root.start))
        return self.done

    def replace(self, start: int, end: int, text: str) -> None:
        self.done.append(Edit(start, end, text))

    def following(self, end: int) -> int:
        """Where the line after a node begins. Block scalars that keep blank lines end on one."""
        return end if self.lines.begin(end) == end else self.lines.after(end)

    def collection(self, node: Collection, place: int) -> None:
        """Edit a changed collection; `place` is where lines before its first child belong."""
        if node.flow:
            self.replace(node.start, node.end, self.flow.collection(node))
            return
        for child in node.children:
            if child.original is None:
                self.add(node, child, place)
                continue
            following = self.following(max(child.original.end, child.key_end))
            if child.removed:
                self.replace(self.lines.begin(child.key_start), following, "")
            elif child.value is not child.original:
                self.change(node, child, current(child.value))
            elif isinstance(child.value, Collection) and is_changed(child.value):
                self.collection(child.value, self.lines.after(child.key_end))
            place = following

    def add(self, node: Collection, child: Child, place: int) -> None:
        data = current(child.value)
        lines = (
            item_lines(data, self.layout)
            if child.key is None
            else entry_lines(child.key, data, self.layout)
        )
        self.replace(place, place, self.indented(lines, node.column))

    def indented(self, lines: list[str], column: int) -> str:
        return "".join(" " * column + line + self.layout.newline for line in lines)

    def change(self, node: Collection, child: Child, data: Json) -> None:
        old = child.original
        if old is None:
            return
        if is_inline(data):
            self.inline(child, old, data)
        elif child.key is None:
            self.item(node, old, data)
        else:
            self.entry(node, child, old, data)

    def inline(self, child: Child, old: Node, data: Json) -> None:
        """Put a value that needs no lines of its own where `old` stands."""
        style = old.style if isinstance(old, Scalar) and old.style in ("'", '"') else ""
        text = write(data, style)
        place = self.before_value(child, old)
        if self.hangs(old, place):
            # `key:` alone is null too, and how people write it where lines could follow.
            self.replace(place, place, "" if data is None else f" {text}")
            self.replace(self.lines.after(place), self.following(old.end), "")
        elif old.start == old.end:
            self.replace(place, place, f" {text}")
        else:
            last_break = self.layout.newline if self.following(old.end) == old.end else ""
            self.replace(old.start, old.end, text + last_break)

    def item(self, node: Collection, old: Node, data: Json) -> None:
        """Put a collection in the place of a sequence's item."""
        if old.start == old.end:
            self.rewritten(old.start, old.end, data, node.column + 2, before=" ")
        else:
            self.rewritten(old.start, old.end, data, self.lines.column(old.start))

    def rewritten(self, start: int, end: int, data: Json, column: int, before: str = "") -> None:
        lines = [write(data)] if is_inline(data) else block(data, self.layout)
        text = self.indented(lines, column)[column:].removesuffix(self.layout.newline)
        last_break = self.layout.newline if end > start and self.following(end) == end else ""
        self.replace(start, end, before + text + last_break)

    def entry(self, node: Collection, child: Child, old: Node, data: Json) -> None:
        """Put a collection on the lines under its key."""
        place = self.before_value(child, old)
        same = isinstance(old, Collection) and not old.flow and type(old.data) is type(data)
        step = self.layout.dash if isinstance(data, list) else self.layout.step
        column = old.column if same and isinstance(old, Collection) else node.column + step
        text = self.indented(block(data, self.layout), column)
        if self.hangs(old, place):
            self.replace(self.lines.begin(old.start), self.following(old.end), text)
            return
        if old.end > place:
            last_break = self.layout.newline if self.following(old.end) == old.end else ""
            self.replace(place, old.end, last_break)
        following = self.following(max(old.end, child.key_end))
        self.replace(following, following, text)

    def hangs(self, old: Node, place: int) -> bool:
        """Whether a block collection begins on a line of its own, under its key."""
        block_collection = isinstance(old, Collection) and not old.flow
        return block_collection and self.lines.number(old.start) > self.lines.number(place)

    def before_value(self, child: Child, old: Node) -> int:
        """The offset behind a child's colon or dash, and behind the anchor and tag of its value."""
        place = end = child.key_end
        while self.text[place : place + 1] in (" ", "\t"):
            place += 1
        while place < old.start and self.text[place] in "&!":
            while not self.text[place].isspace():
                place += 1
            end = place
            while self.text[place] in " \t":
                place += 1
        return end
