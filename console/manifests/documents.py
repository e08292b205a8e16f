"""Documents: what a file holds, each with its text, its place and its parsed value."""

from dataclasses import dataclass

from console.manifests import compose, jsontext
from console.manifests.edits import rewrite
from console.manifests.errors import ManifestError, PositionError
from console.manifests.layout import detect, detect_json
from console.manifests.lines import Lines
from console.manifests.nodes import Node
from console.manifests.patching import apply
from console.manifests.split import split
from webhook.model import Json, Operation

_BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a file. `line` (where its text begins) and `number` count from 1.

    `data` is None for a document without content; it must not be changed.
    """

    file: str
    number: int
    line: int
    text: str
    data: Json
    json: bool = False


@dataclass(frozen=True, slots=True)
class Patch:
    """Operations relative to a JSON Pointer of a document."""

    pointer: str
    operations: tuple[Operation, ...]


def read(file: str, text: str) -> tuple[Document, ...]:
    """The documents of a file's text; joined, their texts are the text.

    Raises ManifestError for a document that cannot be read.
    """
    if text.lstrip(f"{_BOM} \t\r\n")[:1] in ("{", "["):
        try:
            return _json(file, text)
        except ManifestError:
            # What begins with a brace may be YAML in flow, but not in a file that says it is JSON.
            if file.endswith(".json"):
                raise
            return _yaml_or_json(file, text)
    return _yaml(file, text)


def change(document: Document, patches: list[Patch]) -> str:
    """The document's text with the patches made in it.

    Raises ManifestError when the result would not say exactly what the patches say.
    """
    text, before = _without_bom(document.text)
    root = _root(document, text)
    newline = Lines(text).newline
    layout = detect_json(root, text, newline) if document.json else detect(root, newline)
    for patch in patches:
        apply(root, patch.operations, patch.pointer)
    result = rewrite(text, root, layout)
    if not _is_what_was_asked(document, patches, result):
        raise ManifestError(
            "its text cannot be changed faithfully; write it in another way, or give it as JSON",
            file=document.file,
            document=document.number,
            line=document.line,
        )
    return before + result


def patched(data: Json, patches: list[Patch]) -> Json:
    """A copy of a document's value with patches applied to it."""
    import jsonpatch

    result = _copy(data)
    for patch in patches:
        steps = [
            {**one.to_json(), "path": f"{patch.pointer}{one.path}"} for one in patch.operations
        ]
        result = jsonpatch.apply_patch(result, steps, in_place=True)
    return result


def _copy(data: Json) -> Json:
    """A copy in which nothing is shared: aliases make one list stand in two places."""
    if isinstance(data, dict):
        return {key: _copy(value) for key, value in data.items()}
    return [_copy(item) for item in data] if isinstance(data, list) else data


def _is_what_was_asked(document: Document, patches: list[Patch], text: str) -> bool:
    try:
        root = _parse(text, json=document.json)
    except PositionError:
        return False
    return root is not None and _same(root.data, patched(document.data, patches))


def _same(one: Json, other: Json) -> bool:
    """Equality of JSON: unlike Python's, it keeps `1`, `1.0` and `true` apart."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other)


def _root(document: Document, text: str) -> Node:
    root = _parse(text, json=document.json)
    if root is None:
        raise ManifestError("it is empty", file=document.file, document=document.number)
    return root


def _parse(text: str, *, json: bool) -> Node | None:
    return next(jsontext.compose_all(text)) if json else compose.compose(text)


def _without_bom(text: str) -> tuple[str, str]:
    return (text[1:], _BOM) if text.startswith(_BOM) else (text, "")


def _yaml(file: str, text: str) -> tuple[Document, ...]:
    return tuple(
        Document(
            file,
            part.number,
            part.line,
            part.text,
            _yaml_data(file, part.text, part.number, part.line),
        )
        for part in split(text)
    )


def _yaml_data(file: str, text: str, number: int, line: int) -> Json:
    bare, _ = _without_bom(text)
    try:
        root = compose.compose(bare)
    except PositionError as error:
        raise _located(error, file, bare, number, line) from error
    return None if root is None else root.data


def _yaml_or_json(file: str, text: str) -> tuple[Document, ...]:
    """Read as YAML; when that fails too, what JSON's reader says is nearer to what was meant."""
    try:
        return _yaml(file, text)
    except ManifestError:
        return _json(file, text)


def _json(file: str, text: str) -> tuple[Document, ...]:
    bare, before = _without_bom(text)
    nodes: list[Node] = []
    try:
        nodes.extend(jsontext.compose_all(bare))
    except PositionError as error:
        raise _located(error, file, bare, len(nodes) + 1, 1) from error
    # Every value's text reaches to the next value's: white space belongs to the one before it.
    cuts = [0, *(node.start for node in nodes[1:]), len(bare)]
    lines = Lines(bare)
    return tuple(
        Document(
            file,
            index + 1,
            lines.number(cuts[index]) + 1,
            (before if index == 0 else "") + bare[cuts[index] : cuts[index + 1]],
            node.data,
            json=True,
        )
        for index, node in enumerate(nodes)
    )


def _located(error: PositionError, file: str, text: str, number: int, line: int) -> ManifestError:
    lines = Lines(text)
    offset = min(error.offset, len(text))
    return ManifestError(
        error.problem,
        file=file,
        document=number,
        line=line + lines.number(offset),
        column=lines.column(offset) + 1,
    )
