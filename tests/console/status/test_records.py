import dataclasses
import json
import re
from collections.abc import Iterator
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from console.status import model
from console.status.records import record
from tests.console.status.answering import FakeClient, answers, ask
from tests.console.status.documents import of_deployment

PAGE = Path(__file__).parents[3] / "docs" / "status.md"


def _fields(kind: Any) -> Iterator[str]:
    """The names of all fields below a dataclass, as JSON has them."""
    if get_origin(kind) is not None or isinstance(kind, UnionType):
        for part in get_args(kind):
            yield from _fields(part)
    elif dataclasses.is_dataclass(kind) and isinstance(kind, type):
        for name, of in get_type_hints(kind).items():
            first, *others = name.split("_")
            yield first + "".join(map(str.capitalize, others))
            yield from _fields(of)


def test_every_field_is_described() -> None:
    """docs/status.md names every field and every word that stands for something."""
    page = PAGE.read_text()
    described = set(re.findall(r"\w+", page))
    words = {
        one.value
        for kind in (
            model.State,
            model.Cause,
            model.Mode,
            model.SettingsState,
            model.Severity,
            model.ImageState,
        )
        for one in kind
    }

    assert not set(_fields(model.Status)) - described
    assert not {word for word in words if f"`{word}`" not in page}


def test_record() -> None:
    """A status is plain JSON with camelCase names, in the order of the definitions."""
    found = record(ask(FakeClient(answers(of_deployment("cart")))))

    assert json.loads(json.dumps(found)) == found
    assert list(found) == [
        "at", "healthy", "findings", "unread", "webhook", "certificates", "images",
        "nodes", "namespaces",
    ]  # fmt: skip
    assert found["at"] == "2026-11-23T12:00:00Z"
    assert found["healthy"] is False
    assert found["webhook"]["entries"][0]["failurePolicy"] == "Ignore"
    assert found["certificates"]["mode"] == "own"
    (shop,) = found["namespaces"]
    (cart,) = shop["workloads"]
    assert shop["optedIn"] is True
    assert cart["causes"] == {"beforeOptIn": 1}
    assert cart["counts"]["optedOut"] == 0
    assert cart["remedy"] == {
        "command": "kubectl rollout restart deployment/cart -n shop",
        "advice": None,
        "needed": True,
    }
