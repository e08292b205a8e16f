"""Which command line a container starts, by what stands in its pod and its image."""

import pytest

from webhook.commandline import CommandLine, resolve
from webhook.model import Image

IMAGE = Image(entrypoint=("tini", "--"), cmd=("node", "x.js"))
NO_ENTRYPOINT = Image(cmd=("node", "x.js"))


@pytest.mark.parametrize(
    ("container", "image", "expected"),
    [
        pytest.param(
            {"command": ["a"], "args": ["b"]},
            IMAGE,
            CommandLine(("a", "b"), "command and args", entrypoint_known=True),
            id="command and args",
        ),
        pytest.param(
            {"command": ["a"]},
            IMAGE,
            CommandLine(("a",), "command", entrypoint_known=True),
            id="command drops Cmd",
        ),
        pytest.param(
            {"command": ["a"]},
            None,
            CommandLine(("a",), "command", entrypoint_known=True),
            id="command needs no image",
        ),
        pytest.param(
            {"args": ["b"]},
            IMAGE,
            CommandLine(("tini", "--", "b"), "image entrypoint and args", entrypoint_known=True),
            id="args",
        ),
        pytest.param(
            {"args": ["b"]},
            NO_ENTRYPOINT,
            CommandLine(("b",), "args", entrypoint_known=True),
            id="args without Entrypoint",
        ),
        pytest.param(
            {"args": ["b"]},
            None,
            CommandLine(("b",), "args", entrypoint_known=False),
            id="args of an unknown image",
        ),
        pytest.param(
            {"command": [], "args": []},
            IMAGE,
            CommandLine(("tini", "--", "node", "x.js"), "image entrypoint", entrypoint_known=True),
            id="empty lists count as not set",
        ),
        pytest.param(
            {},
            NO_ENTRYPOINT,
            CommandLine(("node", "x.js"), "image command", entrypoint_known=True),
            id="Cmd alone",
        ),
        pytest.param(
            {}, None, CommandLine((), "nothing", entrypoint_known=False), id="unknown image"
        ),
        pytest.param(
            {}, Image(), CommandLine((), "nothing", entrypoint_known=True), id="empty image"
        ),
        pytest.param(
            {"command": "a", "args": None},
            None,
            CommandLine((), "nothing", entrypoint_known=False),
            id="malformed",
        ),
    ],
)
def test_the_command_line_follows_kubernetes(
    container: dict[str, object], image: Image | None, expected: CommandLine
) -> None:
    """`command` replaces Entrypoint and Cmd, `args` replaces Cmd."""
    assert resolve(container, image) == expected
