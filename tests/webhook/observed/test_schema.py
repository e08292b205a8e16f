"""The resource's schema and the types that read it say the same."""

import pytest

from tests.webhook.observed.examples import application
from tests.webhook.schemas import definition, of_resource, of_types
from webhook.observed.document import AGENTS, ENTRIES, PROBES, WORDS, Document

PLURAL = "instrumentedapplications"


def test_same_bounds() -> None:
    """Every field is in both, of the same type, with the same bounds."""
    assert of_types(Document) == of_resource(PLURAL)


@pytest.mark.parametrize(
    ("path", "most"),
    [
        (".spec.languages", ENTRIES),
        (".status.observations", ENTRIES),
        (".status.observations[].agents", AGENTS),
        (".status.observations[].command", WORDS),
        (".status.observations[].probes", PROBES),
    ],
)
def test_room(path: str, most: int) -> None:
    """As much is written as there is room for."""
    assert of_resource(PLURAL)[path]["maxItems"] == most


def test_entries_are_known_by_container_and_image() -> None:
    """So that whoever adds one leaves the others alone."""
    (version,) = definition(PLURAL)["spec"]["versions"]
    parts = version["schema"]["openAPIV3Schema"]["properties"]
    lists = (
        parts["spec"]["properties"]["languages"],
        parts["status"]["properties"]["observations"],
    )

    for one in lists:
        assert one["x-kubernetes-list-type"] == "map"
        assert one["x-kubernetes-list-map-keys"] == ["containerName", "digest"]


def test_names() -> None:
    """The resource is the one that the code reads and writes."""
    spec = definition(PLURAL)["spec"]
    document = application()

    assert (spec["group"], spec["scope"]) == ("spanhook.dev", "Namespaced")
    assert document["kind"] == spec["names"]["kind"]
    assert document["apiVersion"] == f"{spec['group']}/{spec['versions'][0]['name']}"
    assert spec["versions"][0]["subresources"] == {"status": {}}
