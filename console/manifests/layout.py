"""How a document is laid out, so that what is added looks like what is there."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from console.manifests.nodes import Collection, Node


@dataclass(frozen=True, slots=True)
class Layout:
    """`step` is the indentation of a mapping under its key, `dash` that of a sequence's dashes.

    `unit` is what a JSON text is indented by per level, None where collections stay on one line.
    """

    step: int = 2
    dash: int = 0
    newline: str = "\n"
    unit: str | None = None
    colon: str = ": "
    comma: str = ", "


def detect(root: Node, newline: str) -> Layout:
    """The layout that most of a YAML document has; kubectl's own where nothing tells."""
    steps: Counter[int] = Counter()
    dashes: Counter[int] = Counter()
    for outer, inner in _nested(root):
        votes = dashes if isinstance(inner.data, list) else steps
        votes[inner.column - outer.column] += 1
    return Layout(_most(steps, 2), _most(dashes, 0), newline)


def detect_json(root: Node, text: str, newline: str) -> Layout:
    """The layout of a JSON document: on one line, or indented like its root."""
    if not isinstance(root, Collection) or not root.children:
        return Layout(newline=newline)
    first = root.children[0]
    gap = text[root.start + 1 : first.key_start]
    if "\n" in gap or "\r" in gap:
        return Layout(newline=newline, unit=gap.rsplit("\n", 1)[-1].rsplit("\r", 1)[-1] or "  ")
    tight = text[first.key_end : first.key_end + 1] not in (" ", "\t")
    return Layout(newline=newline, colon=":" if tight else ": ", comma="," if tight else ", ")


def _most(votes: Counter[int], default: int) -> int:
    return votes.most_common(1)[0][0] if votes else default


def _nested(node: Node) -> Iterator[tuple[Collection, Collection]]:
    """Every block collection under a key of a block mapping, with that mapping."""
    if not isinstance(node, Collection) or node.flow:
        return
    for child in node.children:
        inner = child.original
        if not isinstance(inner, Collection) or inner.flow:
            continue
        if isinstance(node.data, dict):
            yield node, inner
        yield from _nested(inner)
