"""Whether the node agent's role holds what the running agent uses, and nothing else."""

import subprocess
from collections.abc import Iterator
from contextlib import nullcontext

import pytest

from tests.agents.receiver import receiving
from tests.cluster import Cluster, cluster
from tests.cluster.definitions import define
from tests.manifests.installation import NAMESPACES, installed
from tests.manifests.rights import NODE_AGENT, Audit, beyond, granted, unused
from tests.manifests.test_node_agent import NAME
from tests.nodeagent.cluster.containers import container
from tests.nodeagent.cluster.node_agents import pod, running, tell
from tests.waiting import until
from webhook.optin import LABEL

_SLEEP = 'echo $$ > "$0/cgroup.procs" && exec sleep 600'


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    """Where the API server below writes what it was asked."""
    return Audit(tmp_path_factory.mktemp("audit"), NODE_AGENT)


@pytest.fixture(scope="module")
def audited(api: Cluster, audit: Audit) -> Iterator[Cluster]:
    """An API server of its own; `api` has seen to it that there is one on this machine."""
    assert api.url
    with cluster(flags=audit.flags, directory=audit.directory) as running_:
        yield running_


def test_what_is_done_is_what_is_granted(audited: Cluster, audit: Audit) -> None:
    """With its account's token it watches, sees a process and writes it down; nothing is idle."""
    with (
        installed(audited, "base", "--server-side") as things,
        nullcontext(define(audited)),
        receiving() as receiver,
        running(audited.token_kubeconfig(NAME, NAMESPACES[1]), receiver.endpoint) as agent,
        audited.namespace({LABEL: "enabled"}) as namespace,
    ):
        uid = pod(audited, agent.node, namespace)
        with container(uid) as group:
            tell(audited, namespace, group)
            process = subprocess.Popen(["/bin/sh", "-c", _SLEEP, str(group.group)])
            try:
                until(lambda: _written(audited, namespace), "what was seen", 90)
            finally:
                process.kill()
                process.wait()
        rights = [*granted(thing for thing in things if thing["metadata"]["name"] == NAME)]

    assert audit.refused() == []
    assert unused(rights, audit.used()) == []
    assert beyond(rights, audit.used()) == []


def _written(server: Cluster, namespace: str) -> bool:
    found = server.list("InstrumentedApplication", namespace)
    return any(one.get("status", {}).get("observations") for one in found)
