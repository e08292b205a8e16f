"""The node agent's image, built on a base of this machine's making, looked into and run."""

import json
import re
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import pytest

from tests.image import building, running
from tests.image.building import ROOT, Images
from tests.manifests.test_node_agent import CAPABILITIES
from tests.nodeagent.machine import require_tracing
from webhook.settings import VERSION


@pytest.fixture(scope="module")
def agent(images: Images) -> dict[str, Any]:
    """The image's configuration; it is built first."""
    return images.config(images.node_agent())


@pytest.fixture(scope="module")
def root(images: Images, agent: dict[str, Any]) -> Iterator[Path]:
    """The image's files."""
    assert agent
    with images.mounted(building.NODE_AGENT) as place:
        yield place


def test_it_is_what_the_daemon_set_runs(agent: dict[str, Any], root: Path) -> None:
    """Root, the command, the port; labels that say which version, and where the bill lies."""
    labels = agent["Labels"]

    assert (agent["User"], agent["Entrypoint"]) == ("0:0", ["spanhook"])
    assert list(agent["ExposedPorts"]) == ["9464/tcp"]
    assert labels["org.opencontainers.image.version"] == VERSION
    assert (root / labels["dev.spanhook.sbom"].lstrip("/")).is_file()


def test_the_bill_names_what_is_there(root: Path, agent: dict[str, Any]) -> None:
    """Every package of Python's that we installed, each with a hash of the lock."""
    bill = json.loads((root / agent["Labels"]["dev.spanhook.sbom"].lstrip("/")).read_text())
    listed = {(one["name"], one["version"]) for one in bill["components"]}
    (packages,) = root.glob("opt/spanhook/lib/python3*/site-packages")
    installed = {
        (re.sub(r"[-_.]+", "-", one.name).lower(), one.version)
        for one in distributions(path=[str(packages)])
    }
    lock = (ROOT / "requirements" / "node-agent.txt").read_text()

    assert listed == installed
    assert all(f"sha256:{one['hashes'][0]['content']}" in lock for one in bill["components"])
    assert "capstone" in {name for name, _ in listed}


def test_neither_headers_nor_tools_are_in_it(root: Path) -> None:
    """No compiler but bcc's library, no package installer for Python, no kernel's headers."""
    there = {path.name for path in root.glob("usr/bin/*")}

    assert there & {"cc", "gcc", "clang", "make", "ld", "as", "pip", "curl", "wget", "git"} == set()
    assert list(root.glob("usr/src/linux-headers*")) == []
    assert list(root.glob("usr/lib/llvm*/include")) == []


def test_it_can_trace_with_what_the_daemon_set_gives_it(
    root: Path, agent: dict[str, Any], tmp_path: Path
) -> None:
    """Read-only, with four capabilities and the machine's processes: its own check says so."""
    require_tracing()
    with running.container(
        root,
        ["node-agent", "--check"],
        agent,
        tmp_path / "bundle",
        capabilities=CAPABILITIES,
        host_processes=True,
    ) as one:
        code = one.child.end(120)

    assert code == 0, one.child.last_words()


def test_its_check_says_what_lacks(root: Path, agent: dict[str, Any], tmp_path: Path) -> None:
    """Without a capability, in a name space of its own: each by its name, with what to do."""
    with running.container(root, ["node-agent", "--check"], agent, tmp_path / "bundle") as one:
        code = one.child.end(120)

    said = one.child.log.read_text()
    assert code == 1, said
    assert "missing: BPF, PERFMON;" in said
    assert "missing: SYS_PTRACE, DAC_READ_SEARCH;" in said
    assert "in a pod hostPID: true is needed" in said
