"""The whole agent on a machine that lets nothing be traced, against a real API server."""

import asyncio
from contextlib import AbstractAsyncContextManager
from http import HTTPStatus
from secrets import token_hex

from kube.client import Client, connect
from nodeagent.cluster.agent import NodeAgent
from nodeagent.cluster.endpoint import Answer
from nodeagent.cluster.options import Options
from nodeagent.kernel.errors import CompilerError
from nodeagent.tracing.tracer import Tracer
from tests.cluster import Cluster
from tests.waiting import eventually


def _none() -> Tracer:
    raise CompilerError("bcc is missing")


async def _page(port: int, path: str) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\n\r\n".encode())
    text = (await reader.read()).decode()
    writer.close()
    await writer.wait_closed()
    return text


async def _pages(
    options: Options, connection: AbstractAsyncContextManager[Client], said: list[str]
) -> dict[str, str]:
    agent = NodeAgent(options, said.append, _none)
    stop = asyncio.Event()
    async with connection as client:
        running = asyncio.create_task(agent.until(stop, client))
        await eventually(lambda: any("ready on" in line for line in said), "the agent to be ready")
        pages = {
            path: await _page(agent.port, path) for path in ("/healthz", "/readyz", "/metrics")
        }
        stop.set()
        await running
    return pages


def test_it_observes_where_nothing_can_be_traced(api: Cluster) -> None:
    """It is ready and well, says once why, and has it in a metric."""
    said: list[str] = []
    options = Options(f"node-{token_hex(4)}", "http://127.0.0.1:1", host="127.0.0.1", port=0)

    pages = asyncio.run(_pages(options, connect(api.kubeconfig), said))

    why = "nothing is traced, containers are observed only: bcc is missing"
    assert [line for line in said if "traced" in line] == [why]
    assert "200 OK" in pages["/healthz"]
    assert "200 OK" in pages["/readyz"]
    assert "nothing is traced: bcc is missing" in pages["/readyz"]
    assert "spanhook_node_agent_tracing 0.0" in pages["/metrics"]
    assert 'spanhook_node_agent_watch_synced{resource="pods"} 1.0' in pages["/metrics"]
    assert 'spanhook_node_agent_reports_total{outcome="written"} 0.0' in pages["/metrics"]
    assert said[-1] == "spans: sent 0, dropped 0, failed 0"


def test_it_is_not_well_when_a_thread_is_silent() -> None:
    """The kubelet is to start it anew, and can read which thread it was."""
    agent = NodeAgent(Options("node-1", "http://127.0.0.1:1"), lambda _: None, _none)
    assert agent._well() == Answer(b"ok\n")
    agent._beats.beat("watch", within=-30)

    answer = agent._well()

    assert answer.status == HTTPStatus.SERVICE_UNAVAILABLE
    assert answer.body == b"thread watch: silent, 30 s late\n"


def test_it_is_not_ready_before_it_knows_its_pods(api: Cluster) -> None:
    """It may not list them: that is said, and it goes on trying."""
    with api.namespace() as namespace:
        nobody = api.token_kubeconfig("default", namespace)
        options = Options("node-1", "http://127.0.0.1:1", host="127.0.0.1", port=0)
        said: list[str] = []

        async def ready() -> str:
            agent, stop = NodeAgent(options, said.append, _none), asyncio.Event()
            async with connect(nobody) as client:
                running = asyncio.create_task(agent.until(stop, client))
                await eventually(lambda: any("pods: 403" in line for line in said), "the refusal")
                page = await _page(agent.port, "/readyz")
                stop.set()
                await running
            return page

        page = asyncio.run(ready())

    assert "503 Service Unavailable" in page
    assert "pods: 403 Forbidden" in page
    assert not any("ready on" in line for line in said)
