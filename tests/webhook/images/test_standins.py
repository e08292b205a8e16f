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
        ("BUN_INSTALL=/opt/bun", ("node", "app.js"), "nodejs"),
    ],
)
def test_what_stands_in(variable: str, argv: tuple[str, ...], expected: str) -> None:
    """The name of a runtime means what answers to it in this image."""
    assert told(*argv, environment=[variable]) == [expected]


@pytest.mark.parametrize(
    ("image", "argv", "expected"),
    [
        ("oven/bun:1", ("node", "server.js"), "~Bun"),
        ("mirror.example/oven/bun:1", ("sh", "-c", "exec node dist/main.js"), "~Bun"),
        ("oven/bun:1", ("next", "start"), "~Bun"),
        ("oven/bun:1", ("python3", "app.py"), "python"),
        ("denoland/deno:2.1.0", ("./main.js",), "~Deno"),
        ("pypy:3.10", ("gunicorn", "shop:app"), "~PyPy"),
        ("acme/bun-shop:1", ("node", "server.js"), "nodejs"),
    ],
)
def test_by_name(image: str, argv: tuple[str, ...], expected: str) -> None:
    """Where nothing is known of an image but its name, that of such a runtime's own tells."""
    line = CommandLine(argv, "command", entrypoint_known=True)
    evidence, _ = gather({"image": image}, line, None, (), ())

    assert [one.language for one in evidence if one.source is Source.COMMAND] == [expected]


def test_the_image_is_worth_more_than_its_name() -> None:
    """A copy of Bun's image with a Node.js of its own is known when it is looked at."""
    image = read({"config": {"Env": [BUN, "NODE_VERSION=22.1.0"]}})
    line = CommandLine(("node", "app.js"), "command", entrypoint_known=True)

    evidence, _ = gather({"image": "oven/bun:1"}, line, image, (), ())

    assert evidence[0].language == "nodejs"


@pytest.mark.parametrize("variable", [BUN, DENO])
def test_nodejs_beside_it(variable: str) -> None:
    """Where the image has a Node.js of its own, that is what is started."""
    assert told("node", "app.js", environment=[variable, "NODE_VERSION=22.1.0"]) == ["nodejs"]
