"""What is believed of an InstrumentedApplication.

It may come from anybody with the right to write one: what does not hold is an error that names the
field, never a fact.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from webhook.languages import BY_NAME
from webhook.model import Libc
from webhook.observed.document import Document, LanguageDocument, ObservationDocument
from webhook.observed.key import Key, Workload
from webhook.observed.model import Observed

_LIBC: Mapping[str | None, Libc | None] = {"glibc": "glibc", "musl": "musl"}


def read(object_: Mapping[str, Any]) -> dict[Key, Observed]:
    """What an object of the cluster says. Raises ValueError, which names the field."""
    document = _document(object_)
    where = document.metadata
    of = document.spec.workload
    workload = Workload(where.namespace, of.kind, of.name)
    if where.name != workload.object_name:
        raise ValueError("metadata.name: expected <kind>-<name> of spec.workload")
    beside = {(one.container_name, one.digest): one for one in document.status.observations}
    return {
        Key(workload, one.container_name, one.digest): _observed(
            one, beside.get((one.container_name, one.digest)), f"spec.languages[{index}]"
        )
        for index, one in enumerate(document.spec.languages)
    }


def _document(object_: Mapping[str, Any]) -> Document:
    try:
        return msgspec.convert(object_, Document)
    except msgspec.ValidationError as error:
        said, _, path = str(error).partition(" - at `")
        field = path.strip("`$.") or "the object"
        raise ValueError(f"{field}: {said[:1].lower()}{said[1:]}") from None


def _observed(one: LanguageDocument, beside: ObservationDocument | None, field: str) -> Observed:
    if one.language is not None and one.language not in BY_NAME:
        raise ValueError(f"{field}.language: {one.language!r} is no language that is known here")
    return Observed(
        one.language,
        (beside.version or None) if beside else None,
        _LIBC.get(beside.libc) if beside else None,
        one.process_name,
        tuple(beside.agents) if beside else (),
        one.command_key or "",
    )
