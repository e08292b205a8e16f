"""What a span costs the agent, and how many come: requests at a steady rate, spans counted."""

import time
from pathlib import Path

from bench.nodeagent import programs
from bench.nodeagent.agent import pids, tracing
from bench.nodeagent.figures import Pace
from bench.nodeagent.programs import Running, Tally, pinned, running, told
from bench.servers import cores

_CONNECTIONS = 16
_QUIET = 2.0  # seconds: what does not fill a batch is sent after one


def kept(program: Path, rate: int, ratio: float, seconds: int) -> Pace:
    """So many requests a second, this part of their traces kept; the agent has a core to itself."""
    core, agents = cores()
    with running(program, "serve", on=core) as server, running(program, "collect", on=core) as sink:
        targets = [*pids([server]), "--sampling-ratio", str(ratio)]
        with tracing(targets, sink, processes=1, on=agents) as agent:
            before = agent.process.cpu_seconds
            requests = rate * seconds
            options = {
                "address": server.addresses[0],
                "connections": _CONNECTIONS,
                "requests": requests,
                "rate": rate,
            }
            with pinned(core):
                answer = told(program, "load", options, seconds=60 + 4 * seconds)
            tally = _settled(sink)
            cpu = agent.process.cpu_seconds - before
            resident = agent.process.resident_bytes
    warm = _CONNECTIONS  # each connection's first request learns how long answers are
    return Pace(
        rate,
        ratio,
        float(answer["seconds"]),
        requests + warm,
        tally.server,
        agent.losses,
        cpu,
        resident,
    )


def _settled(sink: Running) -> Tally:
    """What has come when nothing comes any longer."""
    last, now = None, programs.tally(sink)
    while last != now:
        time.sleep(_QUIET)
        last, now = now, programs.tally(sink)
    return now
