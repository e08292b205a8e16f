"""The file system that layers make together, as far as programs and the links to them go.

Layers come from the top. An entry counts unless a layer above it has the same path, a whiteout
(`.wh.<name>`, OCI image specification, "Whiteouts") of it or of a folder above it, or an opaque
mark in a folder above it.
"""

from dataclasses import dataclass

from webhook.images.layers.content import Content
from webhook.images.layers.entry import Entry
from webhook.images.layers.paths import LONGEST, ancestors, placed, within
from webhook.images.layers.shelf import Shelf

_NODES = 12_288
_WHITEOUTS = 4_096
_HOPS = 40  # as many links as Linux follows
_WHITEOUT = ".wh."
_OPAQUE = ".wh..wh..opq"
_OTHER_MARKS = ".wh..wh."


@dataclass(frozen=True, slots=True)
class Node:
    """A program or a link. `target` is where a link leads, by its one name; "" of a file."""

    layer: int
    raw: str
    size: int = 0
    target: str = ""
    content: Content | None = None
    is_hard: bool = False


@dataclass(frozen=True, slots=True)
class Trace:
    """Where a path leads: every name on the way, and the file if it was seen."""

    paths: tuple[str, ...]
    node: Node | None


class Tree:
    """Files and links of all layers that were seen, in bounds."""

    def __init__(self, names: frozenset[str]) -> None:
        self._nodes: Shelf[Node] = Shelf(_NODES, names)
        self._whiteouts: Shelf[int] = Shelf(_WHITEOUTS)
        self._opaque: Shelf[int] = Shelf(_WHITEOUTS)
        self.asked: set[str] = set()
        """Every path that an answer depended on."""

    @property
    def is_sound(self) -> bool:
        """Whether all whiteouts are known: without one of them nothing is sure."""
        return self._whiteouts.is_whole and self._opaque.is_whole

    def whiteout(self, layer: int, path: str) -> bool:
        """Note a mark that hides what lower layers have; whether the path is one."""
        folder, _, name = path.rpartition("/")
        if not name.startswith(_WHITEOUT):
            return False
        if name == _OPAQUE:
            self._hide(self._opaque, placed(f"{folder}/x").rpartition("/")[0], layer)
        elif not name.startswith(_OTHER_MARKS):
            hidden = within(folder, name.removeprefix(_WHITEOUT))
            self._hide(self._whiteouts, placed(hidden), layer)
        return True

    def takes(self, path: str) -> bool:
        """Whether there is room for a program at a path."""
        return len(path) <= LONGEST and self._nodes.takes(placed(path))

    def covers(self, path: str, layer: int) -> bool:
        """Whether a higher layer has a program or a link of this path."""
        there = self._nodes.get(placed(path))
        return there is not None and there.layer < layer

    def link(self, layer: int, entry: Entry) -> None:
        """Note a symbolic or a hard link."""
        is_hard = entry.kind == "hardlink"
        folder = "" if is_hard else entry.path.rpartition("/")[0]
        target = placed(within(folder, entry.target))
        if target != placed(entry.path) and max(len(target), len(entry.path)) <= LONGEST:
            self._put(Node(layer, entry.path, target=target, is_hard=is_hard))

    def file(self, layer: int, entry: Entry, content: Content | None) -> None:
        """Note a program, with what its first bytes are once they are known."""
        if len(entry.path) <= LONGEST:
            self._put(Node(layer, entry.path, entry.size, content=content))

    def hidden(self, path: str, layer: int) -> bool:
        """Whether a layer above hides what a layer has at a path, by its one name."""
        if layer == 0:
            return False
        gone = self._whiteouts.get(path)
        if gone is not None and gone < layer:
            return True
        return any(self._hides(folder, layer) for folder in (*ancestors(path), ""))

    def find(self, path: str) -> Trace:
        """Follow a path to its file."""
        at = placed(path)
        passed: list[str] = []
        while len(passed) < _HOPS:
            passed.append(at)
            self.asked.update((at, *ancestors(at)))
            node = self._visible(at)
            behind = self._behind_link(at, node)
            if behind is None and (node is None or not node.target):
                return Trace(tuple(passed), node)
            at = behind or (node.target if node else "")
        return Trace(tuple(passed), None)

    def _behind_link(self, path: str, node: Node | None) -> str | None:
        """The path when a folder above it is a link, of a layer above the path's own."""
        for folder in ancestors(path):
            link = self._visible(folder)
            if link and link.target and not link.is_hard and (not node or link.layer < node.layer):
                return placed(link.target + path[len(folder) :])
        return None

    def _visible(self, path: str) -> Node | None:
        node = self._nodes.get(path)
        return None if node is None or self.hidden(path, node.layer) else node

    def _hides(self, folder: str, layer: int) -> bool:
        marks = (self._whiteouts.get(folder), self._opaque.get(folder))
        if any(mark is not None and mark < layer for mark in marks):
            return True
        node = self._nodes.get(folder)
        return node is not None and not node.target and node.layer < layer

    def _put(self, node: Node) -> None:
        path = placed(node.raw)
        there = self._nodes.get(path)
        if there is None or _goes_before(node, there):
            self._nodes.put(path, node)

    @staticmethod
    def _hide(shelf: Shelf[int], path: str, layer: int) -> None:
        there = shelf.get(path)
        shelf.put(path, layer if there is None else min(there, layer))


def _goes_before(node: Node, there: Node) -> bool:
    """Which of two of one name counts: the higher layer's; in one layer the one that came later.

    Before the usr-merge `bin/x` and `usr/bin/x` are two: then a file goes before a link to it.
    """
    if node.layer != there.layer or node.raw == there.raw:
        return node.layer <= there.layer
    return (bool(node.target), node.raw) < (bool(there.target), there.raw)
