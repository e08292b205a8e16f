"""What of a patched tree still stands as it was: the questions to answer before text is edited."""

from collections.abc import Iterator

from console.manifests.lines import Lines
from console.manifests.nodes import Alias, Child, Collection, Fresh, Node
from webhook.model import Json


def is_changed(node: Node | Fresh) -> bool:
    """Whether anything in the node differs from what was parsed."""
    if isinstance(node, Fresh):
        return True
    if not isinstance(node, Collection):
        return False
    return any(
        child.removed or _is_other(child) or is_changed(child.value) for child in node.children
    )


def _is_other(child: Child) -> bool:
    return child.value is not child.original


def current(node: Node | Fresh) -> Json:
    """The node's value as it is now."""
    if not isinstance(node, Collection):
        return node.data
    live = [child for child in node.children if not child.removed]
    if isinstance(node.data, list):
        return [current(child.value) for child in live]
    result: dict[str, Json] = {}
    for child in live:
        result.update(node.merged if child.merge else {str(child.key): current(child.value)})
    return result


def settle(root: Node, lines: Lines) -> None:
    """Make every change one that text can be edited for.

    Collections that lines cannot be taken from or added to, or that are empty now, are to be made
    anew. An alias whose anchor has changed or gone gets a copy of what it showed.
    """
    for holder, child in list(_children(root)):
        node = child.value
        if not isinstance(node, Collection) or not is_changed(node):
            continue
        if must_be_rewritten(node, lines) or _opens_up(holder, node):
            child.value = Fresh(current(node))
    standing = {id(node): is_changed(node) for node in _standing(root)}
    for _, child in list(_children(root)):
        if isinstance(child.value, Alias) and standing.get(id(child.value.target), True):
            child.value = Fresh(child.value.data)


def must_be_rewritten(node: Collection, lines: Lines) -> bool:
    """Whether the node's changes cannot be made line by line."""
    if not any(not child.removed for child in node.children):
        return True
    return not node.flow and any(
        _is_hard(node, index, lines) for index in range(len(node.children))
    )


def _is_hard(node: Collection, index: int, lines: Lines) -> bool:
    child = node.children[index]
    if child.original is None:
        before_all = all(one.original is None for one in node.children[:index])
        first = next((one for one in node.children if one.original is not None), None)
        return before_all and first is not None and not _begins_line(first, lines)
    if child.removed:
        return child.explicit or not _begins_line(child, lines)
    return child.explicit and is_changed(child.value)


def _begins_line(child: Child, lines: Lines) -> bool:
    return not lines.text[lines.begin(child.key_start) : child.key_start].strip(" \ufeff")


def _opens_up(holder: Collection, node: Collection) -> bool:
    """Whether it is a `[]` or `{}` of a block: now that it holds something it gets lines."""
    return not holder.flow and node.flow and all(one.original is None for one in node.children)


def _children(node: Node | Fresh) -> Iterator[tuple[Collection, Child]]:
    """Every child that is still there with what holds it, outer ones first."""
    if isinstance(node, Collection):
        for child in node.children:
            if not child.removed:
                yield node, child
                yield from _children(child.value)


def _standing(node: Node | Fresh) -> Iterator[Node]:
    if not isinstance(node, Fresh):
        yield node
    if isinstance(node, Collection):
        for child in node.children:
            if not child.removed:
                yield from _standing(child.value)
