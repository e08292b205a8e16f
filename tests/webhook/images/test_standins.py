import pytest

from webhook.commandline import CommandLine
from webhook.evidence import gather
from webhook.images.configuration import read
from webhook.model import Source

PYPY = "PYPY_VERSION=7.3.17"
BUN = "PATH=/usr/bin:/bin:/usr/local/bun-node-fallback-bin"
DENO = "DENO_VERSION=2.1.0"


def told(*argv: str, environment: list[str]) -> list[str | None]:
    """What a command line tells in an image with an environment."""
    image = read({"config": {"Env": environment}})
    evidence, _ = gather(
        {}, CommandLine(argv, "image command", entrypoint_known=True), image, (), ()
    )
    return [piece.language for piece in evidence if piece.source is Source.COMMAND]


@pytest.mark.parametrize(
    ("variable", "argv", "expected"),
    [
        (PYPY, ("gunicorn", "shop:app"), "~PyPy"),
        (PYPY, ("./app.py",), "~PyPy"),
        (PYPY, ("node", "app.js"), "nodejs"),
        (BUN, ("next", "start"), "~Bun in place of Node.js"),
        (BUN, ("python3", "app.py"), "python"),
        (DENO, ("./main.js",), "~Deno in place of Node.js"),
        ("BUN_INSTALL=/root/.bun", ("node", "app.js"), "nodejs"),
    ],
)
def test_what_stands_in(variable: str, argv: tuple[str, ...], expected: str) -> None:
    """The name of a runtime means what answers to it in this image."""
    assert told(*argv, environment=[variable]) == [expected]


@pytest.mark.parametrize("variable", [BUN, DENO])
def test_nodejs_beside_it(variable: str) -> None:
    """Where the image has a Node.js of its own, that is what is started."""
    assert told("node", "app.js", environment=[variable, "NODE_VERSION=22.1.0"]) == ["nodejs"]
