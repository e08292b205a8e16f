"""Where a pod may run, and with whose credentials."""

from typing import Any

import pytest

from webhook.placement import platforms, pull_secrets


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        ({"kubernetes.io/arch": "arm64"}, ("linux/arm64",)),
        ({"kubernetes.io/arch": "arm64", "disk": "fast"}, ("linux/arm64",)),
        ({"disk": "fast"}, ()),
        ({"kubernetes.io/arch": "arm64\n"}, ()),
        ({"kubernetes.io/arch": "../x"}, ()),
        ({"kubernetes.io/arch": "a" * 21}, ()),
        ({"kubernetes.io/arch": ["arm64"]}, ()),
        (["kubernetes.io/arch"], ()),
        (None, ()),
    ],
)
def test_platforms(selector: Any, expected: tuple[str, ...]) -> None:
    """The architecture that the nodeSelector names, where it is a word."""
    assert platforms({"spec": {"nodeSelector": selector}}) == expected


@pytest.mark.parametrize(
    ("secrets", "expected"),
    [
        ([{"name": "b"}, {"name": "a"}], ("b", "a")),
        ([None, {}, {"name": 1}, {"name": ""}, "x"], ()),
        ("x", ()),
        (None, ()),
    ],
)
def test_pull_secrets(secrets: Any, expected: tuple[str, ...]) -> None:
    """The names, in the order in which the kubelet tries them."""
    assert pull_secrets({"spec": {"imagePullSecrets": secrets}}) == expected


@pytest.mark.parametrize("pod", [{}, {"spec": None}, {"spec": []}, {"spec": "x"}])
def test_no_pod(pod: Any) -> None:
    """What has no spec says nothing."""
    assert platforms(pod) == pull_secrets(pod) == ()
