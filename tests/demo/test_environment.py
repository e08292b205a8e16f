from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from demo.environment import ConfigError, Sources, environment

_POD = {
    "metadata": {
        "name": "cart-abc",
        "namespace": "shop",
        "uid": "u-1",
        "labels": {"app.kubernetes.io/name": "cart"},
    },
    "spec": {"nodeName": "node-1", "serviceAccountName": "default"},
    "status": {"podIP": "10.0.0.7", "hostIP": "10.0.0.1"},
}
_SOURCES = Sources(
    pod=_POD,
    config_maps={"one": {"A": "1", "SHARED": "one"}, "two": {"B": "2", "SHARED": "two"}},
    secrets={"vault": {"TOKEN": "t"}},
)


def _environment(**container: Any) -> dict[str, str]:
    return environment(container, _SOURCES)


def _config_map(name: str, **more: Any) -> dict[str, Any]:
    return {"configMapRef": {"name": name}, **more}


def _field(path: str) -> dict[str, Any]:
    return {"name": "X", "valueFrom": {"fieldRef": {"fieldPath": path}}}


def _key(kind: str, name: str, key: str, **more: Any) -> dict[str, Any]:
    return {"name": "X", "valueFrom": {kind: {"name": name, "key": key, **more}}}


def test_a_later_source_wins_over_an_earlier_one() -> None:
    """Of two ConfigMaps with the same key the later one counts."""
    found = _environment(envFrom=[_config_map("one"), _config_map("two")])

    assert found == {"A": "1", "B": "2", "SHARED": "two"}


def test_env_wins_over_env_from_and_may_refer_to_it() -> None:
    """The kubelet reads `envFrom` first, wherever it stands."""
    env = [{"name": "SHARED", "value": "mine+$(SHARED)"}, {"name": "C", "value": "$(A)"}]

    found = _environment(env=env, envFrom=[_config_map("one")])

    assert found == {"A": "1", "SHARED": "mine+one", "C": "1"}


def test_a_prefix_stands_before_every_key() -> None:
    """`prefix` names the keys of one source anew."""
    assert {"P_A", "P_SHARED"} == set(_environment(envFrom=[_config_map("one", prefix="P_")]))


def test_a_secret_is_read_like_a_config_map() -> None:
    """`secretRef` brings all keys of a Secret."""
    assert _environment(envFrom=[{"secretRef": {"name": "vault"}}]) == {"TOKEN": "t"}


def test_a_reference_sees_earlier_entries_only() -> None:
    """A variable that comes later is not there yet: the text stays."""
    env = [
        {"name": "EARLY", "value": "$(LATE)"},
        {"name": "LATE", "value": "x"},
        {"name": "SEEN", "value": "$(LATE)"},
    ]

    assert _environment(env=env) == {"EARLY": "$(LATE)", "LATE": "x", "SEEN": "x"}


def test_the_last_entry_of_a_name_wins_and_may_use_the_one_before() -> None:
    """Entries of the same name are read from top to bottom."""
    env = [{"name": "X", "value": "a"}, {"name": "X", "value": "$(X)b"}]

    assert _environment(env=env) == {"X": "ab"}


def test_an_entry_without_a_value_is_empty() -> None:
    """No `value` and no `valueFrom` sets the variable to nothing."""
    assert _environment(env=[{"name": "X"}]) == {"X": ""}


def test_a_value_from_a_reference_is_not_expanded() -> None:
    """What a ConfigMap holds is literal: only `value` is expanded."""
    sources = Sources(_POD, {"m": {"k": "$(A)"}}, {})
    env = [{"name": "A", "value": "1"}, _key("configMapKeyRef", "m", "k")]

    assert environment({"env": env}, sources)["X"] == "$(A)"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("metadata.name", "cart-abc"),
        ("metadata.namespace", "shop"),
        ("metadata.uid", "u-1"),
        ("metadata.labels['app.kubernetes.io/name']", "cart"),
        ("metadata.annotations['none']", ""),
        ("spec.nodeName", "node-1"),
        ("spec.serviceAccountName", "default"),
        ("status.podIP", "10.0.0.7"),
        ("status.hostIP", "10.0.0.1"),
    ],
)
def test_the_downward_api(path: str, expected: str) -> None:
    """Every field that a variable may refer to is read from the pod."""
    assert {"X": expected} == _environment(env=[_field(path)])


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (_key("configMapKeyRef", "one", "A"), "1"),
        (_key("secretKeyRef", "vault", "TOKEN"), "t"),
    ],
    ids=["ConfigMap", "Secret"],
)
def test_a_key_of_a_config_map_or_secret(entry: Mapping[str, Any], expected: str) -> None:
    """One key becomes one variable."""
    assert {"X": expected} == _environment(env=[entry])


def test_an_optional_key_that_is_missing_sets_nothing() -> None:
    """A reference to the variable then stays text: why such a variable is never merged."""
    env = [
        _key("configMapKeyRef", "one", "NONE", optional=True),
        {"name": "Y", "value": "$(X) -x"},
    ]

    assert _environment(env=env) == {"Y": "$(X) -x"}


@pytest.mark.parametrize(
    ("container", "named"),
    [
        ({"env": [_key("configMapKeyRef", "one", "NONE")]}, "no key NONE in one"),
        ({"env": [_key("secretKeyRef", "none", "k")]}, "no key k in none"),
        ({"envFrom": [_config_map("none")]}, "no configMap none"),
        ({"env": [_key("resourceFieldRef", "r", "limits.cpu")]}, "resourceFieldRef"),
    ],
    ids=["key", "Secret", "ConfigMap", "kind"],
)
def test_what_is_missing_keeps_the_container_from_starting(
    container: Mapping[str, Any], named: str
) -> None:
    """The error names what is not there."""
    with pytest.raises(ConfigError, match=named):
        environment(container, _SOURCES)


def test_an_optional_source_that_is_missing_brings_nothing() -> None:
    """`optional: true` holds for a whole source too."""
    source = {"configMapRef": {"name": "none", "optional": True}}

    assert _environment(envFrom=[source]) == {}


_NAMES = st.sampled_from(["A", "B", "C"])
_ENTRIES = st.lists(
    st.fixed_dictionaries(
        {"name": _NAMES, "value": st.sampled_from(["x", "$(A)", "$(B)!", "$$(C)", "$(NONE)", ""])}
    ),
    max_size=8,
)


@given(_ENTRIES, st.integers(0, 8))
def test_a_prefix_of_the_entries_decides_what_an_entry_sees(
    entries: list[dict[str, str]], cut: int
) -> None:
    """Entries further down never change the value of one above that is not named again."""
    before, all_of_them = _environment(env=entries[:cut]), _environment(env=entries)
    again = {entry["name"] for entry in entries[cut:]}

    assert {n: v for n, v in before.items() if n not in again} == {
        n: all_of_them[n] for n in before if n not in again
    }
