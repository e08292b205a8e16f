"""The resource's schema and the types that read it say the same."""

from typing import Any

import msgspec
import pytest

from tests.webhook.images.profile.examples import DIGEST
from tests.webhook.schemas import definition, of_resource, of_types
from webhook.images.profile import bounds
from webhook.images.profile.document import Document

PLURAL = "imageprofiles"
Json = Any


def test_same_bounds() -> None:
    """Every field is in both, of the same type, with the same bounds."""
    assert of_types(Document) == of_resource(PLURAL)


@pytest.mark.parametrize(
    ("path", "most"),
    [
        (".spec.references", bounds.REFERENCES),
        (".status.platforms", bounds.PLATFORMS),
        (".status.lacking", bounds.PLATFORMS),
        (".status.commands", bounds.COMMANDS),
    ],
)
def test_room(path: str, most: int) -> None:
    """As much is written as there is room for: what is known is not learnt again for less."""
    assert of_resource(PLURAL)[path]["maxItems"] == most


@pytest.mark.parametrize("path", [path for path in of_resource(PLURAL) if path.endswith("[]")])
def test_lists(path: str) -> None:
    """Every list is bounded: an object that somebody else writes has an end, too."""
    assert of_resource(PLURAL)[path.removesuffix("[]")]["maxItems"] <= 256


@pytest.mark.parametrize(
    "path",
    [
        path
        for path, field in of_resource(PLURAL).items()
        if field["type"] == "string" and not (field["enum"] or field.get("format"))
    ],
)
def test_texts(path: str) -> None:
    """Every text is bounded."""
    assert of_resource(PLURAL)[path]["maxLength"] <= 8192


def test_names() -> None:
    """The resource is the one that the code reads and writes."""
    spec = definition(PLURAL)["spec"]
    document = msgspec.to_builtins(msgspec.convert(_least(), Document))

    assert (spec["group"], spec["scope"]) == ("spanhook.dev", "Cluster")
    assert document["kind"] == spec["names"]["kind"]
    assert document["apiVersion"] == f"{spec['group']}/{spec['versions'][0]['name']}"


def _least() -> Json:
    return {
        "apiVersion": "spanhook.dev/v1alpha1",
        "kind": "ImageProfile",
        "metadata": {"name": "x"},
        "spec": {"digest": DIGEST},
        "status": {"revision": 1, "learnt": {"at": "2026-11-20T08:30:00Z", "by": "0.1.0"}},
    }
