from typing import Any

import pytest

from tests.webhook.examples import container, image, variables
from webhook.environment import Environment, Found, Origin, Unread, of
from webhook.model import Facts

MAPS = {
    ("shop", "one"): {"A": "one", "B": "one"},
    ("shop", "two"): {"B": "two"},
    ("other", "three"): {"C": "three"},
}


def _environment(env_from: Any = None, **env: str | None) -> Environment:
    one = container(env=variables(**env), envFrom=env_from)
    return of(one, image(A="image", D="image"), Facts(config_maps=MAPS), "shop")


def _map(name: str, **more: Any) -> dict[str, Any]:
    return {"configMapRef": {"name": name}, **more}


@pytest.mark.parametrize(
    ("env_from", "env", "name", "expected"),
    [
        ([], {"A": "env"}, "A", Found(Origin.LITERAL, "env", 0)),
        ([_map("one")], {"X": "", "A": "env"}, "A", Found(Origin.LITERAL, "env", 1)),
        ([], {"A": None}, "A", Found(Origin.REFERENCE, None, 0)),
        ([_map("one")], {}, "A", Found(Origin.CONFIG_MAP, "one")),
        ([_map("one"), _map("two")], {}, "B", Found(Origin.CONFIG_MAP, "two")),
        ([_map("two"), _map("one")], {}, "B", Found(Origin.CONFIG_MAP, "one")),
        ([_map("one", prefix="P_")], {}, "P_A", Found(Origin.CONFIG_MAP, "one")),
        ([_map("one", prefix="P_")], {}, "A", Found(Origin.IMAGE, "image")),
        ([], {}, "D", Found(Origin.IMAGE, "image")),
        ([_map("three")], {}, "C", Found(Origin.ABSENT)),
        (None, {}, "C", Found(Origin.ABSENT)),
    ],
)
def test_find(env_from: Any, env: dict[str, str | None], name: str, expected: Found) -> None:
    """The variable comes from env, else from the last envFrom that has it, else from the image."""
    found = _environment(env_from, **env)

    assert found.find(name) == expected
    assert found.has(name) == (expected.origin is not Origin.ABSENT)


@pytest.mark.parametrize(
    ("entry", "origin", "value"),
    [
        ({"value": ""}, Origin.LITERAL, ""),
        ({}, Origin.LITERAL, ""),
        ({"value": None, "valueFrom": None}, Origin.LITERAL, ""),
        ({"valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}, Origin.REFERENCE, None),
        ({"valueFrom": {"secretKeyRef": {"optional": False}}}, Origin.REFERENCE, None),
        ({"valueFrom": {"secretKeyRef": {"optional": True}}}, Origin.OPTIONAL, None),
        ({"valueFrom": {"configMapKeyRef": {"optional": True}}}, Origin.OPTIONAL, None),
        ({"valueFrom": {"fileKeyRef": {"optional": True}}}, Origin.OPTIONAL, None),
        ({"valueFrom": {"futureRef": "text"}}, Origin.REFERENCE, None),
    ],
)
def test_entries(entry: dict[str, Any], origin: Origin, value: str | None) -> None:
    """What an entry of env is: a value, a reference that resolves, or one that may not."""
    found = of(container(env=[{"name": "X", **entry}]), None, Facts(), None)

    assert found.find("X") == Found(origin, value, 0)


def test_last_entry_counts() -> None:
    """Of two entries of a name the last one counts."""
    env = [{"name": "X", "value": "1"}, {"name": "X", "value": "2"}]

    assert of(container(env=env), None, Facts(), None).find("X") == Found(Origin.LITERAL, "2", 1)


@pytest.mark.parametrize(
    ("env_from", "name", "expected"),
    [
        ([{"secretRef": {"name": "s"}}], "C", 'Secret "s"'),
        ([_map("unknown")], "C", 'ConfigMap "unknown"'),
        ([{"newRef": {}}], "C", "a source that is not known"),
        ([{"prefix": "P_", "secretRef": {"name": "s"}}], "C", None),
        ([{"prefix": "P_", "secretRef": {"name": "s"}}], "P_C", 'Secret "s"'),
        ([{"prefix": None, "secretRef": {"name": "s"}}], "C", 'Secret "s"'),
        ([_map("one"), {"secretRef": {"name": "s"}}], "A", None),
        ([{"secretRef": {"name": "s"}}], "E", None),
        ([{"secretRef": {"name": "s"}}], "D", 'Secret "s"'),
        ([_map("one")], "C", None),
    ],
)
def test_possible(env_from: Any, name: str, expected: str | None) -> None:
    """A source that is not read could hold a variable, unless env or a known source has it."""
    assert _environment(env_from, E="env").possible(name) == expected


def test_unread() -> None:
    """Sources that are not read are kept with their prefixes."""
    found = _environment([{"prefix": "P_", "secretRef": {"name": "s"}}, _map("one"), _map("x")])

    assert found.unread == (Unread("P_", 'Secret "s"'), Unread("", 'ConfigMap "x"'))


def test_known() -> None:
    """Every variable that is surely there; of a reference only the name."""
    found = _environment([_map("two"), {"secretRef": {"name": "s"}}], A="env", X=None)

    assert found.known == {"A": "env", "B": "two", "D": "image", "X": None}


def test_namespace_that_is_not_named() -> None:
    """In a manifest without a namespace, a ConfigMap without one is the one that is meant."""
    facts = Facts(config_maps={("", "m"): {"A": "a"}})

    assert of(container(envFrom=[_map("m")]), None, facts, None).has("A")
    assert not of(container(envFrom=[_map("m")]), None, facts, "shop").has("A")
