import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from demo.kubelet import RunningContainer, RunningPod
from demo.node_agent import NodeAgent, Target, Tracing, target
from demo.processes import Children
from demo.provision import Missing
from demo.shop import Started

_POD: Mapping[str, Any] = {
    "metadata": {
        "labels": {"spanhook.dev/ebpf": "go"},
        "annotations": {
            "spanhook.dev/status": '{"v": 1, "added": {}, "pod": {}, "containers": ['
            '{"name": "proxy", "decision": "skip", "reason": "KnownSidecar"},'
            '{"name": "app", "decision": "inject", "language": "go", "service": "stock"}]}'
        },
    }
}


@pytest.fixture
def children() -> Iterator[Children]:
    """What a test starts has ended when it ends."""
    children = Children()
    yield children
    children.end(10)


def _agent(program: str, seconds: float = 30) -> NodeAgent:
    return NodeAgent((sys.executable, "-c", program), seconds)


def _trace(agent: NodeAgent, children: Children, folder: Path) -> Tracing | Missing:
    return agent.trace(Target("stock", 42), "http://127.0.0.1:4318", children, folder)


@pytest.mark.parametrize(
    ("program", "lacks"),
    [
        pytest.param("print('ok  machine: x86_64')", None, id="nothing"),
        pytest.param(
            "print('ok  machine: x'); print('no  capabilities: missing: BPF; run as root');"
            "print('no  programs: refused'); exit(1)",
            "missing: BPF; run as root",
            id="the-first-of-two",
        ),
        pytest.param("exit('Error: x is missing')", "Error: x is missing", id="it-says-otherwise"),
        pytest.param("exit(1)", "it did not say why", id="nothing-is-said"),
    ],
)
def test_what_a_machine_lacks(program: str, lacks: str | None) -> None:
    """The first thing that lacks, with what to do about it, as the agent's check says."""
    assert _agent(program).check() == (None if lacks is None else Missing(lacks))


def test_a_command_that_is_not_there() -> None:
    """It is said; the shop goes on without."""
    found = NodeAgent(("/nowhere/spanhook",)).check()

    assert isinstance(found, Missing)
    assert "/nowhere/spanhook" in found.reason


def test_an_agent_that_traces(children: Children, tmp_path: Path) -> None:
    """It is told process, name and receiver; from then on it has no fault until it ends."""
    program = (
        "import sys, time; print('tracing process', *sys.argv[1:], flush=True); time.sleep(60)"
    )

    tracing = _trace(_agent(program), children, tmp_path)

    assert isinstance(tracing, Tracing)
    assert tracing.child.last_words() == (
        "tracing process --standalone --pid 42 --service-name stock"
        " --endpoint http://127.0.0.1:4318"
    )
    assert tracing.fault is None
    tracing.child.terminate()
    tracing.child.end(10)
    assert tracing.fault is not None


def test_variables_for_other_agents_are_kept_from_it(
    children: Children, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Headers of one's own collector and proxies would lead its spans elsewhere."""
    for name in ("OTEL_EXPORTER_OTLP_HEADERS", "HTTP_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "x")
    program = (
        "import os, time;"
        "print(sorted(n for n in os.environ if 'OTEL' in n or 'proxy' in n.lower()));"
        "print('tracing process', flush=True); time.sleep(60)"
    )

    tracing = _trace(_agent(program), children, tmp_path)

    assert isinstance(tracing, Tracing)
    assert tracing.child.last_words().splitlines()[0] == "[]"


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        pytest.param(
            "print('process 42 is not traced: it is no Go', flush=True);"
            "import time; time.sleep(60)",
            "it is no Go",
            id="it-cannot",
        ),
        pytest.param("exit('bcc is missing')", "bcc is missing", id="it-ends"),
    ],
)
def test_an_agent_that_does_not_trace(
    program: str, reason: str, children: Children, tmp_path: Path
) -> None:
    """What it said is the reason, at once."""
    assert _trace(_agent(program), children, tmp_path) == Missing(reason)


def test_an_agent_that_says_nothing(children: Children, tmp_path: Path) -> None:
    """It is waited for so long, and no longer; then it is asked to end."""
    agent = _agent("import time; time.sleep(60)", seconds=0)

    found = _trace(agent, children, tmp_path)

    assert found == Missing("it did not begin to trace within 0 s")
    assert children.end(30) == []


def test_an_agent_that_cannot_be_started(children: Children, tmp_path: Path) -> None:
    """The reason names it."""
    found = _trace(NodeAgent(("/nowhere/spanhook",)), children, tmp_path)

    assert isinstance(found, Missing)
    assert "/nowhere/spanhook" in found.reason


def test_the_container_in_go_is_the_target(children: Children, tmp_path: Path) -> None:
    """By what the webhook wrote on the pod: label, language and the service's name."""
    child = children.start("app", ["/bin/sleep", "60"], env={}, cwd=tmp_path, log=tmp_path / "log")
    containers = (RunningContainer("proxy", child, None), RunningContainer("app", child, None))
    started = Started(RunningPod("stock", 0, containers, ()), 0.1, as_admitted=True)
    unlabelled = {"metadata": {**_POD["metadata"], "labels": None}}

    assert target(_POD, started) == Target("stock", child.popen.pid)
    assert target(unlabelled, started) == Missing("the webhook did not label its pod")
    assert target(_POD, Missing("no Go")) == Missing("no Go")
