"""The Node.js agent and the life of processes: signals, workers, children, package managers."""

import signal
from pathlib import Path

import pytest

from agents import npm
from tests.agents import application, nodejs_applications, toolbox
from tests.agents.receiver import Receiver

VERSIONS = ("node-18", "node-26")


def _node(node_modules: Path, version: str) -> Path:
    return node_modules / "node_modules" / version / "bin" / "node"


def _option(agent: Path) -> str:
    return f"--require {agent}/bootstrap.js"


@pytest.mark.e2e
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
@pytest.mark.parametrize("version", VERSIONS)
def test_signal_without_handler_ends_at_once(
    version: str,
    number: signal.Signals,
    nodejs_agent: Path,
    node_modules: Path,
    receiver: Receiver,
    tmp_path: Path,
) -> None:
    """An application without a handler is ended by the signal itself, as without the agent."""
    (tmp_path / "app.cjs").write_text(nodejs_applications.source("http", "cjs"))
    environ = application.environment(receiver, "signal", NODE_OPTIONS=_option(nodejs_agent))
    argv = [_node(node_modules, version), "app.cjs"]

    with application.serving(argv, environ, tmp_path) as server:
        server.process.send_signal(number)

        assert -number == server.process.wait(5)


@pytest.mark.e2e
@pytest.mark.parametrize("version", VERSIONS)
def test_handler_of_the_application_is_the_only_one(
    version: str, nodejs_agent: Path, node_modules: Path, receiver: Receiver, tmp_path: Path
) -> None:
    """The application's handler runs alone and says the exit code; its last spans leave."""
    text = nodejs_applications.source("http", "cjs") + nodejs_applications.HANDLER
    (tmp_path / "app.cjs").write_text(text)
    service = f"handler-{version}"
    more = {"NODE_OPTIONS": _option(nodejs_agent), "OTEL_BSP_SCHEDULE_DELAY": "60000"}
    environ = application.environment(receiver, service, **more)
    argv = [_node(node_modules, version), "app.cjs"]

    with application.serving(argv, environ, tmp_path) as server:
        server.process.send_signal(signal.SIGTERM)

        assert server.process.wait(10) == 3
        assert server.log.read_text() == "handlers: 1\n"
        receiver.server_span(service, "GET")


@pytest.mark.e2e
@pytest.mark.parametrize("version", VERSIONS)
def test_program_that_ends_sends_its_spans(
    version: str, nodejs_agent: Path, node_modules: Path, receiver: Receiver, tmp_path: Path
) -> None:
    """A program that runs to its end waits for its spans, and ends with its own code."""
    program = "require('http').get(process.env.TARGET, r => r.resume()); process.exitCode = 4"
    service = f"ends-{version}"
    more = {"NODE_OPTIONS": _option(nodejs_agent), "OTEL_BSP_SCHEDULE_DELAY": "60000"}
    environ = application.environment(receiver, service, TARGET=receiver.endpoint, **more)

    done = application.finish([_node(node_modules, version), "-e", program], environ, tmp_path)

    assert (done.returncode, done.stdout, done.stderr) == (4, "", "")
    assert receiver.wait(service, lambda span: span.kind == 3).name == "GET"


@pytest.mark.e2e
@pytest.mark.parametrize("suffix", ["cjs", "mjs"])
@pytest.mark.parametrize("version", VERSIONS)
def test_worker_thread_is_traced(
    version: str,
    suffix: str,
    nodejs_agent: Path,
    node_modules: Path,
    receiver: Receiver,
    tmp_path: Path,
) -> None:
    """A server in a worker thread is traced like one in the main thread."""
    (tmp_path / f"app.{suffix}").write_text(nodejs_applications.source("http", suffix))
    (tmp_path / "main.cjs").write_text(
        f"const {{ Worker }} = require('worker_threads'); new Worker('./app.{suffix}')\n"
    )
    service = f"worker-{version}-{suffix}"
    environ = application.environment(receiver, service, NODE_OPTIONS=_option(nodejs_agent))
    argv = [_node(node_modules, version), "main.cjs"]

    with application.serving(argv, environ, tmp_path) as server:
        receiver.server_span(service, "GET")

        assert server.log.read_text() == ""


@pytest.mark.e2e
def test_cluster_workers_are_traced(
    nodejs_agent: Path, node_modules: Path, receiver: Receiver, tmp_path: Path
) -> None:
    """Processes of the cluster module inherit the agent."""
    text = nodejs_applications.source("http", "cjs")
    (tmp_path / "app.cjs").write_text(text)
    (tmp_path / "main.cjs").write_text(
        "const cluster = require('cluster')\n"
        "if (cluster.isPrimary) { cluster.fork() } else { require('./app.cjs') }\n"
    )
    environ = application.environment(receiver, "cluster", NODE_OPTIONS=_option(nodejs_agent))
    argv = [_node(node_modules, "node-26"), "main.cjs"]

    with application.serving(argv, environ, tmp_path) as server:
        child = int(server.get())
        receiver.server_span("cluster", "GET")

        assert child != server.process.pid


@pytest.mark.e2e
@pytest.mark.parametrize(
    "script",
    ["npm", "npm-cli.js", "npx-cli.js", "yarn", "yarn-4.9.1.cjs", "pnpm.cjs", "corepack.js"],
)
def test_package_managers_are_left_alone(
    script: str, nodejs_agent: Path, node_modules: Path, receiver: Receiver, tmp_path: Path
) -> None:
    """A package manager's own process has no agent, silently; what it starts has."""
    # A name without a suffix is a link in a bin directory, as the installers make it.
    target = tmp_path / "cli.js"
    target.write_text(
        "const loaded = () => Object.keys(require.cache).some(f => f.includes('sdk-node'))\n"
        "if (process.argv[2] === 'child') console.log('child', loaded())\n"
        "else {\n"
        "  console.log('parent', loaded())\n"
        "  require('fs').copyFileSync(__filename, 'app.js')\n"
        "  require('child_process').execFileSync(process.execPath, ['app.js', 'child'], "
        "{ stdio: 'inherit' })\n"
        "}\n"
    )
    (tmp_path / script).symlink_to(target)
    environ = application.environment(receiver, "npm", NODE_OPTIONS=_option(nodejs_agent))
    argv = [_node(node_modules, "node-26"), tmp_path / script]

    done = application.finish(argv, environ, tmp_path)

    assert (done.stdout, done.stderr) == ("parent false\nchild true\n", "")


@pytest.mark.e2e
def test_npm_start_traces_the_application_only(
    nodejs_agent: Path, receiver: Receiver, tmp_path: Path
) -> None:
    """`npm start` runs the application with the agent, and sends nothing of npm itself."""
    (tmp_path / "app.cjs").write_text(nodejs_applications.source("http", "cjs"))
    (tmp_path / "package.json").write_text('{"scripts": {"start": "node app.cjs"}}')
    environ = application.environment(receiver, "npm-start", NODE_OPTIONS=_option(nodejs_agent))
    argv = [*_npm(), "start", "--silent", "--no-update-notifier"]

    with application.serving(argv, environ, tmp_path) as server:
        receiver.server_span("npm-start", "GET")

        commands = {span.resource["process.command_args"] for span in receiver.spans("npm-start")}
        assert all("app.cjs" in command for command in commands)
        assert server.agent_lines() == []


def _npm() -> list[str | Path]:
    return list(npm.command(npm.interpreter(toolbox.package_manager())))


@pytest.mark.e2e
@pytest.mark.parametrize("missing", ["node_modules", "start.js"])
def test_damaged_agent_does_not_stop_the_application(
    missing: str, nodejs_agent: Path, node_modules: Path, receiver: Receiver, tmp_path: Path
) -> None:
    """Whatever is missing behind the entry point, the program runs and one line says so."""
    agent = tmp_path / "agent"
    agent.mkdir()
    for name in {"bootstrap.js", "start.js", "node_modules"} - {missing}:
        (agent / name).symlink_to(nodejs_agent / name)
    # Links are followed to the whole agent otherwise.
    option = f"--preserve-symlinks {_option(agent)}"
    environ = application.environment(receiver, "damaged", NODE_OPTIONS=option)

    done = application.finish(
        [_node(node_modules, "node-26"), "-e", "console.log('runs')"], environ, tmp_path
    )

    assert (done.returncode, done.stdout) == (0, "runs\n")
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert done.stderr.startswith("spanhook: Node.js agent off: ")


@pytest.mark.e2e
def test_receiver_that_is_away_is_not_mentioned(
    nodejs_agent: Path, node_modules: Path, receiver: Receiver, tmp_path: Path
) -> None:
    """Without a collector the program does what it does, at its own end."""
    more = {
        "NODE_OPTIONS": _option(nodejs_agent),
        "OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{application.free_port()}",
    }
    environ = application.environment(receiver, "away", **more)
    program = "require('http').get(process.env.OTEL_EXPORTER_OTLP_ENDPOINT).on('error', () => {})"
    done = application.finish([_node(node_modules, "node-26"), "-e", program], environ, tmp_path)

    assert (done.returncode, done.stdout) == (0, "")
