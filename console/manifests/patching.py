"""A patch, applied to nodes: afterwards each node knows what is to happen to its children.

Where the path of an operation goes through an alias, or through what a merge key brought, the value
is copied there first: the other places that show the same value must not change with it.
"""

from copy import deepcopy

from console.manifests.nodes import Alias, Child, Collection, Fresh, Node
from webhook.model import Json, Operation


def apply(root: Node, operations: tuple[Operation, ...], prefix: str = "") -> None:
    """Apply operations whose paths are relative to the JSON Pointer `prefix`.

    Raises KeyError or IndexError for a path that is not there.
    """
    for operation in operations:
        *parents, last = [_key(part) for part in f"{prefix}{operation.path}".split("/")[1:]]
        _change(root, parents, last, operation)


def _key(part: str) -> str:
    return part.replace("~1", "/").replace("~0", "~")


def _change(root: Node, parents: list[str], last: str, operation: Operation) -> None:
    holder: Node | Fresh = root
    for name in parents:
        if isinstance(holder, Fresh):
            holder = Fresh(holder.data[_place(holder.data, name)])
            continue
        holder = _enter(_child(_collection(holder), name))
    if isinstance(holder, Fresh):
        _change_plain(holder.data, last, operation)
    else:
        _change_node(_collection(holder), last, operation)


def _enter(child: Child) -> Node | Fresh:
    """The value of a child, made its own when it is an alias."""
    if isinstance(child.value, Alias):
        child.value = Fresh(deepcopy(child.value.data))
    return child.value


def _collection(node: Node) -> Collection:
    if not isinstance(node, Collection):
        raise KeyError("the path leads through something that has no fields")
    return node


def _child(node: Collection, name: str) -> Child:
    live = node.live
    if isinstance(node.data, list):
        return live[int(name)]
    for child in live:
        if child.key == name:
            return child
    return _own(node, name)


def _own(node: Collection, name: str) -> Child:
    """An entry that a merge key brought, copied into the mapping itself, where it wins."""
    child = Child(name, Fresh(deepcopy(node.merged[name])))
    node.children.append(child)
    return child


def _change_node(node: Collection, last: str, operation: Operation) -> None:
    if operation.op == "remove":
        _remove(node, last)
    elif operation.op == "replace":
        _child(node, last).value = Fresh(deepcopy(operation.value))
    elif isinstance(node.data, list):
        _insert(node, last, Child(None, Fresh(deepcopy(operation.value))))
    else:
        _set(node, last, Fresh(deepcopy(operation.value)))


def _set(node: Collection, name: str, value: Fresh) -> None:
    for child in node.live:
        if child.key == name:
            child.value = value
            return
    node.children.append(Child(name, value))


def _insert(node: Collection, place: str, child: Child) -> None:
    live = node.live
    index = len(live) if place == "-" else int(place)
    if index > len(live):
        raise IndexError(f"no item {index}")
    after = 0 if index == 0 else _position(node, live[index - 1]) + 1
    node.children.insert(after, child)


def _position(node: Collection, child: Child) -> int:
    return next(i for i, one in enumerate(node.children) if one is child)


def _remove(node: Collection, name: str) -> None:
    child = _child(node, name)
    if child.original is None:
        node.children.pop(_position(node, child))
    else:
        child.removed = True


def _place(data: Json, name: str) -> Json:
    """The key or index of `name` in plain data."""
    return int(name) if isinstance(data, list) else name


def _change_plain(data: Json, last: str, operation: Operation) -> None:
    if operation.op == "remove":
        del data[_place(data, last)]
    elif isinstance(data, list) and operation.op == "add":
        data.insert(len(data) if last == "-" else int(last), deepcopy(operation.value))
    else:
        data[_place(data, last)] = deepcopy(operation.value)
