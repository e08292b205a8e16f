import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from kube.client import Client
from kube.escapes import yaml
from kube.paths import path
from tests.cluster import Cluster
from tests.kube.test_real import ask, config_map

TEXTS = (
    "plain",
    "\0\x07\x1b",
    "\x7f\x80\x85\x9f",
    "é\u2028\ufeff\ufffe\uffff",
    "\U0001f680",
    '"\\u0041',
)


@given(st.dictionaries(st.text(max_size=30), st.text() | st.integers() | st.lists(st.text())))
def test_is_both(body: dict[str, Any]) -> None:
    """Whatever is said, as JSON and as YAML it says the same."""
    assert json.loads(yaml(body)) == body
    assert YAML(typ="safe", pure=True).load(yaml(body)) == body


@pytest.mark.parametrize("text", TEXTS)
def test_nothing_raises(text: str) -> None:
    """Halves of characters have a form too, which is for the API server to refuse."""
    assert yaml({"a": text + "\ud800"}).isascii() == (ord(max(text)) < 0x10000)


def test_is_applied(api: Cluster) -> None:
    """The API server takes every character in an apply, and gives it back."""

    async def apply(client: Client) -> Any:
        where = path("v1", "configmaps", namespace=namespace, name="m")
        await client.apply(where, config_map("m", **said))
        return (await client.get(where))["data"]

    said = {f"t{n}": text for n, text in enumerate(TEXTS)}
    with api.namespace() as namespace:
        assert ask(api, apply) == said
