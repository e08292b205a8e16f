from typing import Any

import pytest

from demo.containers import process
from demo.environment import Sources
from demo.images import ImageConfig

_IMAGE = ImageConfig(
    env={"PATH": "/usr/bin", "MODE": "image"},
    entrypoint=("entry", "$(MODE)"),
    cmd=("cmd",),
    working_dir="/app",
)
_SOURCES = Sources({"metadata": {"name": "pod-1"}}, {}, {})


@pytest.mark.parametrize(
    ("container", "expected"),
    [
        pytest.param({}, ("entry", "$(MODE)", "cmd"), id="image alone"),
        pytest.param({"args": ["a"]}, ("entry", "$(MODE)", "a"), id="args replace Cmd"),
        pytest.param({"command": ["c"]}, ("c",), id="command drops Cmd too"),
        pytest.param({"command": ["c"], "args": ["a"]}, ("c", "a"), id="both"),
        pytest.param({"command": [], "args": []}, ("entry", "$(MODE)", "cmd"), id="empty lists"),
    ],
)
def test_command_and_args_over_the_images(
    container: dict[str, Any], expected: tuple[str, ...]
) -> None:
    """The table of the Kubernetes documentation; the image's own words are never expanded."""
    assert expected == process(container, _IMAGE, _SOURCES).argv


def test_words_are_expanded_with_the_pods_variables_only() -> None:
    """The kubelet does not see what the image sets."""
    container = {
        "command": ["c", "$(MINE)", "$(MODE)", "$$(MINE)"],
        "env": [{"name": "MINE", "value": "x"}],
    }

    assert process(container, _IMAGE, _SOURCES).argv == ("c", "x", "$(MODE)", "$(MINE)")


def test_the_images_variables_lie_under_the_pods() -> None:
    """What the pod says wins; HOSTNAME is the pod's name unless the pod says otherwise."""
    container = {"env": [{"name": "MODE", "value": "pod"}]}

    env = process(container, _IMAGE, _SOURCES).env

    assert env == {"PATH": "/usr/bin", "MODE": "pod", "HOSTNAME": "pod-1"}


@pytest.mark.parametrize(
    ("container", "expected"),
    [({}, "/app"), ({"workingDir": "/srv"}, "/srv")],
    ids=["image", "pod"],
)
def test_the_working_directory(container: dict[str, Any], expected: str) -> None:
    """The pod's, else the image's."""
    assert expected == process(container, _IMAGE, _SOURCES).working_dir
