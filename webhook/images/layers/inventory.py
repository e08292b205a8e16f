"""What is kept of an image's layers: what may matter, in bounds."""

from collections.abc import Iterator
from dataclasses import replace

from webhook.images.layers import agents, content, documents, marks
from webhook.images.layers.content import Binary, Content, Script
from webhook.images.layers.documents import Document
from webhook.images.layers.entry import Entry
from webhook.images.layers.marks import Mark
from webhook.images.layers.paths import LONGEST, placed
from webhook.images.layers.shelf import Shelf
from webhook.images.layers.tree import Tree
from webhook.vendors.agent import Agent

_DOCUMENTS = 512
_MARKS = 64
_AGENTS = 64
_TEXTS = 128
_LIBRARY = ".so"


class Inventory:
    """Programs and links (`tree`), documents, marks, agents; everything by its one name.

    `names` are those of the entry program's files: they go before others when room is short.
    """

    def __init__(self, names: frozenset[str]) -> None:
        self.names = names
        self.tree = Tree(names)
        self.layers = 0
        """Layers that are done; the number of the one that comes now."""
        self._documents: Shelf[tuple[int, Document]] = Shelf(_DOCUMENTS)
        self._marks: dict[Mark, Shelf[int]] = {mark: Shelf(_MARKS) for mark in Mark}
        self._agents: Shelf[tuple[int, Agent]] = Shelf(_AGENTS)
        self._texts: Shelf[str] = Shelf(_TEXTS, names)

    def note(self, entry: Entry) -> int:
        """Keep what an entry tells; how many of its first bytes would tell more."""
        path = entry.path
        if len(path) > LONGEST or self.tree.whiteout(self.layers, path):
            return 0
        if self.tree.hidden(placed(path), self.layers):
            return 0
        if entry.kind in ("symlink", "hardlink"):
            self.tree.link(self.layers, entry)
        self._note_names(path)
        return self._note_file(entry) if entry.kind == "file" and entry.size > 0 else 0

    def note_head(self, entry: Entry, head: bytes, *, is_all: bool) -> int:
        """Keep what a file's first bytes tell; how many would tell more, unless this `is_all`."""
        path = placed(entry.path)
        if documents.wanted(entry.path, entry.size):
            document = documents.read(entry.path, head) if len(head) >= entry.size else None
            if document is not None:
                self._documents.put(path, (self.layers, document))
            return 0
        found = content.read(head, entry.size)
        is_entry = entry.path.rpartition("/")[2] in self.names
        if not is_all and (wanted := content.more(head, entry.size, found, is_entry=is_entry)):
            if isinstance(found, Binary) and found.go:
                self.tree.file(self.layers, entry, found)  # what is still to come is its version
            return wanted
        self.tree.file(self.layers, entry, self._without_text(path, found))
        return 0

    def text(self, path: str) -> str | None:
        """The whole text of a shell script."""
        return self._texts.get(path)

    def document(self, path: str) -> Document | None:
        """The document at a path."""
        path = placed(path)
        self.tree.asked.add(path)
        found = self._documents.get(path)
        return found[1] if found and not self.tree.hidden(path, found[0]) else None

    def documents(self) -> Iterator[tuple[str, Document]]:
        """All documents."""
        for path, (layer, found) in self._documents.items():
            if not self.tree.hidden(path, layer):
                yield path, found

    def marked(self, mark: Mark) -> tuple[str, ...]:
        """Where a mark was seen."""
        marked = self._marks[mark].items()
        return tuple(path for path, layer in marked if not self.tree.hidden(path, layer))

    def agents(self) -> tuple[Agent, ...]:
        """The agents that lie in the image."""
        found = [
            a for path, (layer, a) in self._agents.items() if not self.tree.hidden(path, layer)
        ]
        return tuple(dict.fromkeys(found))

    def _note_names(self, path: str) -> None:
        if mark := marks.find(path):
            shelf, at = self._marks[mark[0]], placed(mark[1])
            if shelf.get(at) is None:  # the highest layer's stays
                shelf.put(at, self.layers)
        if agent := agents.find(path):
            at = placed(agent[0])
            if self._agents.get(at) is None:
                self._agents.put(at, (self.layers, agent[1]))

    def _note_file(self, entry: Entry) -> int:
        if documents.wanted(entry.path, entry.size):
            return 0 if self._is_known(entry.path) else entry.size
        name = entry.path.rpartition("/")[2]
        is_entry = name in self.names
        if not is_entry and (not entry.mode & 0o111 or _LIBRARY in name):
            return 0
        if self.tree.covers(entry.path, self.layers) or not self.tree.takes(entry.path):
            return 0
        self.tree.file(self.layers, entry, None)
        return min(entry.size, content.ENTRY_HEAD if is_entry else content.HEAD)

    def _is_known(self, path: str) -> bool:
        """Whether a higher layer has a document of this path."""
        there = self._documents.get(placed(path))
        return there is not None and there[0] < self.layers

    def _without_text(self, path: str, found: Content) -> Content:
        if not isinstance(found, Script) or found.text is None:
            return found
        if self._texts.takes(path) and self.tree.takes(path):
            self._texts.put(path, found.text)
        return replace(found, text=None)
