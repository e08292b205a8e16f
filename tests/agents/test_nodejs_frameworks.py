"""The Node.js agent with web frameworks, kinds of modules, versions and ways of loading."""

from pathlib import Path

import pytest

from tests.agents import application, nodejs_applications
from tests.agents.receiver import SERVER, Receiver, Span

# The oldest that is served, one with hooks in a thread of their own, one with hooks in the
# application's thread (where module.register() would warn).
VERSIONS = ("node-18", "node-22", "node-26")


def _node(node_modules: Path, version: str) -> Path:
    return node_modules / "node_modules" / version / "bin" / "node"


def _write(node_modules: Path, directory: Path, name: str, text: str) -> None:
    (directory / "node_modules").symlink_to(node_modules / "node_modules")
    (directory / name).write_text(text)


@pytest.mark.e2e
@pytest.mark.parametrize("suffix", ["cjs", "mjs"])
@pytest.mark.parametrize("framework", ["express", "fastify", "http"])
@pytest.mark.parametrize("version", VERSIONS)
def test_require_traces_commonjs_and_es_modules(
    version: str,
    framework: str,
    suffix: str,
    nodejs_agent: Path,
    node_modules: Path,
    receiver: Receiver,
    tmp_path: Path,
) -> None:
    """With --require alone both kinds of modules are traced, and nothing is written."""
    name = f"app.{suffix}"
    _write(node_modules, tmp_path, name, nodejs_applications.source(framework, suffix))
    service = f"{version}-{framework}-{suffix}"
    option = f"--require {nodejs_agent}/bootstrap.js"
    environ = application.environment(receiver, service, NODE_OPTIONS=option)

    with application.serving([_node(node_modules, version), name], environ, tmp_path) as server:
        server.get()
        receiver.server_span(service, nodejs_applications.SPANS[framework])

        assert server.log.read_text() == ""


@pytest.mark.e2e
@pytest.mark.parametrize("both", [False, True], ids=["import", "require-and-import"])
@pytest.mark.parametrize("suffix", ["cjs", "mjs"])
@pytest.mark.parametrize("version", VERSIONS)
def test_import_does_the_same_once(
    version: str,
    suffix: str,
    nodejs_agent: Path,
    node_modules: Path,
    receiver: Receiver,
    tmp_path: Path,
    *,
    both: bool,
) -> None:
    """--import loads the agent too; given both, one request still is one server span."""
    name = f"app.{suffix}"
    _write(node_modules, tmp_path, name, nodejs_applications.source("express", suffix))
    service = f"{version}-{suffix}-import-{both}"
    option = f"--import file://{nodejs_agent}/bootstrap.mjs"
    if both:
        option = f"--require {nodejs_agent}/bootstrap.js {option}"
    environ = application.environment(receiver, service, NODE_OPTIONS=option)

    with application.serving([_node(node_modules, version), name], environ, tmp_path) as server:
        server.get("/hello/last")
        server.get("/hello/last")
        receiver.wait(service, lambda _: len(_servers(receiver, service)) >= 3)

        assert len({span.trace for span in _servers(receiver, service)}) == 3
        assert server.log.read_text() == ""


def _servers(receiver: Receiver, service: str) -> list[Span]:
    return [span for span in receiver.spans(service) if span.kind == SERVER]


@pytest.mark.e2e
@pytest.mark.parametrize("version", ["node-6", "node-20"])
def test_old_nodejs_runs_without_agent(
    version: str, nodejs_agent: Path, node_modules: Path, receiver: Receiver, tmp_path: Path
) -> None:
    """Node.js 6 and 20.5 are too old: one line says so, and the program runs."""
    option = f"--require {nodejs_agent}/bootstrap.js"
    environ = application.environment(receiver, version)
    (tmp_path / "app.js").write_text("console.log('runs')\n")
    # Node.js 6 has no NODE_OPTIONS yet.
    argv = [_node(node_modules, version), *option.split(), "app.js"]

    done = application.finish(argv, environ, tmp_path)

    assert (done.returncode, done.stdout) == (0, "runs\n")
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("spanhook: Node.js agent off: Node.js ")
