"""All documents of a command's input, and what they say about each other."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from console.manifests.documents import Document, read
from console.manifests.errors import InputError, ManifestError
from console.manifests.files import File
from console.manifests.learnt import Learnt
from webhook import shape, workloads
from webhook.model import Namespace, Object
from webhook.workloads import Template

_KINDS = {dict: "an object", list: "a list", str: "a text", bool: "a truth value"}
_TEMPLATE_MARK = "{{"


@dataclass(frozen=True, slots=True)
class Bundle:
    """The documents of the input, file by file in order, and the namespaces and ConfigMaps in it.

    `config_maps`: (namespace or "", name) → data; `learnt` is of ImageProfiles and the like.
    """

    files: tuple[tuple[Document, ...], ...]
    namespaces: Mapping[str, Namespace]
    config_maps: Mapping[tuple[str, str], Mapping[str, str]]
    learnt: Learnt = field(default_factory=Learnt)

    @property
    def documents(self) -> Iterator[Document]:
        """Every document in order."""
        for documents in self.files:
            yield from documents

    def pods(self) -> Iterator[tuple[Document, Template]]:
        """Every pod with its document. Raises ManifestError for one whose shape is wrong."""
        for document in self.documents:
            for template in workloads.templates(document.data):
                _check(document, template)
                yield document, template

    def namespace(self, name: str | None) -> Namespace:
        """What is known of a namespace; without a document of its own, its name alone."""
        return self.namespaces.get(name or "", Namespace(name))


def bundle(files: tuple[File, ...], namespace: str | None = None) -> Bundle:
    """Read the documents of files; `namespace` is where objects are that do not say it.

    Raises ManifestError for a document that cannot be used, InputError when there is none at all.
    """
    read_files = tuple(_documents(file) for file in files)
    objects = [
        one for documents in read_files for document in documents for one in _objects(document)
    ]
    if not objects:
        names = ", ".join(file.name for file in files)
        raise InputError(f"{names}: no documents: the input is empty")
    return Bundle(
        read_files,
        dict(_namespaces(objects)),
        dict(_config_maps(objects, namespace)),
        _learnt(read_files),
    )


def _learnt(files: tuple[tuple[Document, ...], ...]) -> Learnt:
    """What our own objects tell. Raises ManifestError for one that cannot be read."""
    found = Learnt()
    for document in (one for documents in files for one in documents):
        for one in _objects(document):
            try:
                found.take(one)
            except ValueError as error:
                about = f"{one.get('kind')} {_metadata(one).get('name')}"
                raise _wrong(document, f"{about}: {error}") from error
    return found


def _documents(file: File) -> tuple[Document, ...]:
    try:
        documents = read(file.name, file.text)
    except ManifestError as error:
        raise _with_hint(error, file.text) from error
    for document in documents:
        if document.data is not None and not isinstance(document.data, dict):
            found = _KINDS.get(type(document.data), "a number")
            raise _wrong(document, f"expected an object with apiVersion and kind, got {found}")
    return documents


def _with_hint(error: ManifestError, text: str) -> ManifestError:
    """Templates of Helm look like YAML to people and like nonsense to YAML."""
    if error.line is None or error.file.endswith(".json"):
        return error
    lines = text.splitlines()[: error.line]
    if not any(_TEMPLATE_MARK in line for line in lines[-2:]):
        return error
    return ManifestError(
        f"{error.problem}; this looks like a template: render it first (helm template …)",
        file=error.file,
        document=error.document,
        line=error.line,
        column=error.column,
    )


def _objects(document: Document) -> Iterator[Object]:
    for _, one in workloads.objects(document.data):
        yield one


def _wrong(document: Document, problem: str) -> ManifestError:
    return ManifestError(problem, file=document.file, document=document.number, line=document.line)


def _check(document: Document, template: Template) -> None:
    """Raise ManifestError for the first thing that is wrong with a pod, by its document's field."""
    found = shape.problems(template.pod)
    if found:
        where = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in template.path)
        prefix = f"{where.lstrip('.')}." if where else ""
        about = " ".join(part for part in (template.kind, template.name) if part)
        raise _wrong(document, f"{about}: {prefix}{found[0]}")


def _metadata(one: Object) -> Object:
    metadata = one.get("metadata")
    return metadata if isinstance(metadata, dict) else {}


def _texts(value: Any) -> dict[str, str]:
    """The entries of a mapping that are texts, the only ones that the API server accepts."""
    entries = value.items() if isinstance(value, dict) else ()
    return {key: text for key, text in entries if isinstance(text, str)}


def _namespaces(objects: list[Object]) -> Iterator[tuple[str, Namespace]]:
    for one in objects:
        name = _metadata(one).get("name")
        if workloads.group_kind(one) == ("", "Namespace") and isinstance(name, str):
            labels, annotations = (_texts(_metadata(one).get(k)) for k in ("labels", "annotations"))
            yield name, Namespace(name, labels, annotations)


def _config_maps(
    objects: list[Object], default: str | None
) -> Iterator[tuple[tuple[str, str], dict[str, str]]]:
    for one in objects:
        name = _metadata(one).get("name")
        if workloads.group_kind(one) == ("", "ConfigMap") and isinstance(name, str):
            namespace = _metadata(one).get("namespace") or default or ""
            yield (str(namespace), name), _texts(one.get("data"))


def place(template: Template, default: str | None) -> Template:
    """A template with the namespace that its document leaves open."""
    return template if template.namespace else replace(template, namespace=default)
