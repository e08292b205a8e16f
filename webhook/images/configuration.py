"""Reading image configurations: the OCI document, or what `docker inspect` prints.

Field names are those of the OCI image specification (`config`, `os`, `history`) and of Docker's
engine (`Config`, `Os`); the fields inside `config` are spelled alike in both.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from webhook.images.evidence import of_configuration
from webhook.images.reference import canonical
from webhook.model import WINDOWS, Evidence, Image, Json, Source

_MARKS = frozenset(
    {"config", "Config", "architecture", "Architecture", "os", "Os", "rootfs", "RootFS", "history"}
)
_KINDS: tuple[tuple[type, str], ...] = (
    (bool, "true or false"),
    (str, "a string"),
    (int, "a number"),
    (float, "a number"),
    (list, "a list"),
    (dict, "an object"),
    (type(None), "null"),
)


def read(document: object, layers: Sequence[str] = ()) -> Image:
    """The image that an OCI configuration or the output of `docker inspect` describes.

    `layers` are the digests of its layers as a registry has them, base first, where they are known.
    Raises ValueError, which names the field and what was expected.
    """
    fields = _document(document)
    inner = _field(fields, "config", "Config")
    config = _object(inner, "config")
    if "digest" in config and "mediaType" in config:
        raise ValueError(
            "config: this is an image manifest; expected the configuration that this digest names"
        )
    image = Image(
        entrypoint=_strings(config.get("Entrypoint"), "config.Entrypoint"),
        cmd=_strings(config.get("Cmd"), "config.Cmd"),
        environment=_environment(_strings(config.get("Env"), "config.Env")),
        labels=_labels(config.get("Labels"), "config.Labels"),
        user=_string(config.get("User"), "config.User"),
        architecture=_string(_field(fields, "architecture", "Architecture"), "architecture")
        or None,
        working_directory=_string(config.get("WorkingDir"), "config.WorkingDir"),
    )
    history = _history(fields.get("history"))
    if _string(_field(fields, "os", "Os"), "os").lower() == "windows":
        return replace(image, evidence=(_WINDOWS,))
    return replace(image, evidence=of_configuration(image, history, layers))


def read_all(document: object) -> dict[str, Image]:
    """The images of a JSON object, image reference → document, by their canonical references.

    Raises ValueError, which names the reference, for a document that `read` refuses and for two
    documents that say different things of one image.
    """
    if not isinstance(document, dict):
        raise _expected("image configurations", "an object: image reference → document", document)
    images: dict[str, Image] = {}
    for text, entry in document.items():
        if not isinstance(text, str):
            raise _expected("image configurations", "references that are strings", text)
        key = canonical(text)
        try:
            image = read(entry)
        except ValueError as error:
            raise ValueError(f"{text}: {error}") from error
        if images.setdefault(key, image) != image:
            raise ValueError(
                f"{text}: another document describes the same image, {key}, differently"
            )
    return images


# Whatever runs in it: the agents are built for Linux.
_WINDOWS = Evidence(Source.IMAGE, "the image is built for Windows", WINDOWS)


def _expected(field: str, expected: str, found: Json) -> ValueError:
    kind = next((name for known, name in _KINDS if isinstance(found, known)), type(found).__name__)
    return ValueError(f"{field}: expected {expected}, found {kind}")


def _document(document: object) -> Mapping[str, Json]:
    if isinstance(document, list):
        if len(document) != 1:
            raise ValueError(f"expected one image's configuration, found a list of {len(document)}")
        document = document[0]
    if not isinstance(document, dict):
        raise _expected("the document", "an image's configuration, an object", document)
    if not _MARKS & document.keys():
        raise ValueError(
            "expected an image's configuration (an object with 'config'), or what `docker inspect`"
            " prints (an object with 'Config')"
        )
    return document


def _field(fields: Mapping[str, Json], oci: str, docker: str) -> Json:
    return fields.get(oci) if fields.get(oci) is not None else fields.get(docker)


def _object(value: Json, field: str) -> Mapping[str, Json]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _expected(field, "an object", value)
    return value


def _string(value: Json, field: str) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _expected(field, "a string", value)
    return value


def _strings(value: Json, field: str) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise _expected(field, "a list of strings", value)
    for index, item in enumerate(value):
        if not isinstance(item, str):
            raise _expected(f"{field}[{index}]", "a string", item)
    return tuple(value)


def _environment(entries: tuple[str, ...]) -> Mapping[str, str]:
    """The last entry of a name counts, as for container runtimes; one without "=" sets nothing."""
    split = (entry.partition("=") for entry in entries)
    return MappingProxyType({name: value for name, equals, value in split if name and equals})


def _labels(value: Json, field: str) -> Mapping[str, str]:
    labels = _object(value, field)
    return MappingProxyType(
        {str(name): _string(text, f"{field}[{name!r}]") for name, text in labels.items()}
    )


def _history(value: Json) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list):
        raise _expected("history", "a list of objects", value)
    return tuple(
        _string(
            _object(entry, f"history[{index}]").get("created_by"), f"history[{index}].created_by"
        )
        for index, entry in enumerate(value)
    )
