"""The Python bootstrap: where it loads, where it withdraws, what it leaves as it was."""

import ast
import shutil
import sys
from pathlib import Path

import pytest

from tests.agents import application, toolbox
from tests.agents.receiver import Receiver

AGENT = Path(__file__).parents[2] / "agents" / "python"
SAYS_LOADED = "import sys; print('opentelemetry.sdk' in sys.modules)"
TOO_OLD = toolbox.pythons("2.7", "3.6", "3.7", "3.8", "3.9")
SUPPORTED = toolbox.pythons("3.10", "3.11", "3.12", "3.13", "3.14")


def _path(*directories: Path) -> str:
    return ":".join(map(str, directories))


def _version(python: Path) -> str:
    return python.name


@pytest.mark.parametrize("minor", range(4, 15))
def test_entry_point_parses_on_every_python(minor: int) -> None:
    """The file that every Python imports has no newer syntax than Python 3.4 (and 2.7: below)."""
    source = (AGENT / "sitecustomize.py").read_text(encoding="utf-8")

    tree = ast.parse(source, feature_version=(3, minor))

    assert not any(isinstance(node, (ast.JoinedStr, ast.AnnAssign)) for node in ast.walk(tree))


_PRETENDING = """
import sys
sys.version_info = (3, 9, 18, "final", 0)
import sitecustomize
print("runs")
"""
_OLD: dict[str, list[str | Path]] = {
    # Without site nobody has imported it yet: the machine may have no old Python at all.
    "pretended": [sys.executable, "-S", "-c", _PRETENDING],
    **{python.name: [python, "-c", "print('runs')"] for python in TOO_OLD},
}


@pytest.mark.e2e
@pytest.mark.parametrize("command", _OLD.values(), ids=_OLD)
def test_old_python_runs_without_agent(
    command: list[str | Path], python_agent: Path, receiver: Receiver, tmp_path: Path
) -> None:
    """Below 3.10 the agent withdraws with one line, and the program runs."""
    environ = application.environment(receiver, "old", PYTHONPATH=str(python_agent))

    done = application.finish(command, environ, tmp_path)

    assert (done.returncode, done.stdout) == (0, "runs\n")
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("spanhook: Python agent off: Python ")


@pytest.mark.e2e
@pytest.mark.parametrize("python", [*SUPPORTED, Path(sys.executable)], ids=_version)
def test_supported_python_loads_the_agent(
    python: Path, python_agent: Path, receiver: Receiver, tmp_path: Path
) -> None:
    """One directory serves every supported version, compiled parts included."""
    environ = application.environment(receiver, "supported", PYTHONPATH=str(python_agent))
    program = f"import wrapt._wrappers, google._upb._message; {SAYS_LOADED}"

    done = application.finish([python, "-c", program], environ, tmp_path)

    assert (done.returncode, done.stdout, done.stderr) == (0, "True\n", "")


@pytest.mark.e2e
@pytest.mark.parametrize(
    ("arguments", "loaded"),
    [
        pytest.param(["-c", SAYS_LOADED], "True", id="code"),
        pytest.param(["program.py"], "True", id="script"),
        pytest.param(["-m", "program"], "True", id="module"),
        pytest.param(["-I", "program.py"], "False", id="isolated"),
        pytest.param(["-E", "program.py"], "False", id="no-environment"),
        pytest.param(["pip.py"], "False", id="pip-script"),
        pytest.param(["-m", "pip.py"[:-3]], "False", id="pip-module"),
    ],
)
def test_applications_load_it_and_tools_do_not(
    arguments: list[str], loaded: str, python_agent: Path, receiver: Receiver, tmp_path: Path
) -> None:
    """Code, scripts and modules get the agent; package tools and isolated runs do not."""
    for name in ("program.py", "pip.py"):
        (tmp_path / name).write_text(SAYS_LOADED)
    environ = application.environment(receiver, "which", PYTHONPATH=str(python_agent))

    done = application.finish([sys.executable, *arguments], environ, tmp_path)

    assert (0, f"{loaded}\n", "") == (done.returncode, done.stdout, done.stderr)


@pytest.mark.e2e
@pytest.mark.parametrize("python", [*TOO_OLD, *SUPPORTED], ids=_version)
def test_hidden_sitecustomize_is_run_and_seen(
    python: Path, python_agent: Path, receiver: Receiver, tmp_path: Path
) -> None:
    """The next sitecustomize on the path runs, and is the one that the application sees."""
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "sitecustomize.py").write_text(
        "import sys\nsys.path.append('/added')\nmark = 'theirs'\n"
    )
    path = _path(python_agent, hidden)
    environ = application.environment(receiver, "hidden", PYTHONPATH=path)
    program = "import sys, sitecustomize; print(sitecustomize.mark, '/added' in sys.path)"

    done = application.finish([python, "-c", program], environ, tmp_path)

    # Python 2 prints a tuple.
    assert done.stdout in {"theirs True\n", "('theirs', True)\n"}, done.stderr


@pytest.mark.e2e
def test_hidden_sitecustomize_that_fails_fails_as_without_agent(
    python_agent: Path, receiver: Receiver, tmp_path: Path
) -> None:
    """An error in the hidden sitecustomize is reported as ever, and the agent loads."""
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "sitecustomize.py").write_text("raise ValueError('theirs')\n")
    plain = application.environment(receiver, "hidden-fails", PYTHONPATH=str(hidden))
    ours = plain | {"PYTHONPATH": _path(python_agent, hidden)}

    before = application.finish([sys.executable, "-c", SAYS_LOADED], plain, tmp_path)
    after = application.finish([sys.executable, "-c", SAYS_LOADED], ours, tmp_path)

    assert (before.stdout, after.stdout) == ("False\n", "True\n")
    assert "ValueError: theirs" in before.stderr
    assert before.stderr == after.stderr


@pytest.mark.e2e
@pytest.mark.parametrize("missing", ["site-any", "spanhook-agent", "site-glibc/wrapt"])
def test_damaged_agent_does_not_stop_the_application(
    missing: str, python_agent: Path, receiver: Receiver, tmp_path: Path
) -> None:
    """Whatever is missing from the agent's files, the program runs and one line says so."""
    damaged = tmp_path / "agent"
    shutil.copytree(python_agent, damaged)
    shutil.rmtree(damaged / missing)
    environ = application.environment(receiver, "damaged", PYTHONPATH=str(damaged))

    done = application.finish([sys.executable, "-c", "print('runs')"], environ, tmp_path)

    assert (done.returncode, done.stdout) == (0, "runs\n")
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert done.stderr.startswith("spanhook: Python agent off: ")


@pytest.mark.e2e
def test_own_module_wins_over_one_that_the_agent_has_imported(
    python_agent: Path, receiver: Receiver, tmp_path: Path
) -> None:
    """A module beside the script keeps its name, though the agent has imported the other one."""
    (tmp_path / "queue.py").write_text("mine = True\n")
    (tmp_path / "packaging.py").write_text("mine = True\n")
    (tmp_path / "program.py").write_text(
        "import queue, packaging\nprint(queue.mine, packaging.mine)\n"
    )
    environ = application.environment(receiver, "own-module", PYTHONPATH=str(python_agent))

    done = application.finish([sys.executable, "program.py"], environ, tmp_path)

    assert (done.returncode, done.stdout, done.stderr) == (0, "True True\n", "")


@pytest.mark.e2e
@pytest.mark.parametrize("method", ["spawn", "fork", "forkserver"])
def test_processes_of_multiprocessing_send_spans(
    method: str, python_agent: Path, receiver: Receiver, tmp_path: Path
) -> None:
    """A child made by multiprocessing, in any way, sends spans of its own."""
    (tmp_path / "program.py").write_text(
        "import multiprocessing, os, urllib.error, urllib.request\n"
        "def call():\n"
        "    try:\n"
        "        urllib.request.urlopen(os.environ['OTEL_EXPORTER_OTLP_ENDPOINT'] + '/child')\n"
        "    except urllib.error.HTTPError as error:\n"
        "        print(error.code)\n"
        "    from opentelemetry import trace\n"
        "    trace.get_tracer_provider().force_flush()\n"
        "if __name__ == '__main__':\n"
        f"    multiprocessing.set_start_method({method!r})\n"
        "    child = multiprocessing.Process(target=call)\n"
        "    child.start()\n"
        "    child.join()\n"
    )
    service = f"python-{method}"
    environ = application.environment(receiver, service, PYTHONPATH=str(python_agent))

    done = application.finish([sys.executable, "program.py"], environ, tmp_path)

    assert (done.returncode, done.stdout, done.stderr) == (0, "501\n", "")
    assert receiver.wait(service, lambda _: True).name == "GET"


@pytest.mark.e2e
def test_last_spans_leave_at_exit(python_agent: Path, receiver: Receiver, tmp_path: Path) -> None:
    """A program that ends normally sends what it has, long before the batch is due."""
    program = (
        "import os, urllib.request\n"
        "try: urllib.request.urlopen(os.environ['OTEL_EXPORTER_OTLP_ENDPOINT'])\n"
        "except Exception: pass\n"
    )
    more = {"PYTHONPATH": str(python_agent), "OTEL_BSP_SCHEDULE_DELAY": "60000"}
    environ = application.environment(receiver, "python-exit", **more)

    done = application.finish([sys.executable, "-c", program], environ, tmp_path)

    assert (done.returncode, done.stderr) == (0, "")
    assert receiver.wait("python-exit", lambda _: True).name == "GET"


@pytest.mark.e2e
def test_environment_of_children_is_the_applications(
    python_agent: Path, receiver: Receiver, tmp_path: Path
) -> None:
    """Starting the agent leaves os.environ as it was."""
    environ = application.environment(receiver, "environ", PYTHONPATH=str(python_agent))
    program = "import os, json; print(json.dumps(dict(os.environ)))"

    with_agent = application.finish([sys.executable, "-c", program], environ, tmp_path)
    without = application.finish([sys.executable, "-I", "-c", program], environ, tmp_path)

    assert without.stdout == with_agent.stdout


@pytest.mark.e2e
def test_collector_that_is_away_is_tried_once_at_exit(
    python_agent: Path, receiver: Receiver, tmp_path: Path
) -> None:
    """Without a collector a program ends after one attempt; retries belong to running ones."""
    away = f"http://127.0.0.1:{application.free_port()}"
    more = {"PYTHONPATH": str(python_agent), "OTEL_EXPORTER_OTLP_ENDPOINT": away}
    environ = application.environment(receiver, "away", **more, OTEL_BSP_SCHEDULE_DELAY="60000")
    program = (
        "import os, urllib.request\n"
        "try: urllib.request.urlopen(os.environ['OTEL_EXPORTER_OTLP_ENDPOINT'])\n"
        "except Exception: pass\n"
    )

    done = application.finish([sys.executable, "-c", program], environ, tmp_path)

    assert done.returncode == 0
    assert "retrying" not in done.stderr
