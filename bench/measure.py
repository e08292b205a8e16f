"""Run the measurements: in process, then both servers under load in turns."""

import gc
import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from bench import bodies, servers
from bench.figures import InProcess, OverTls, Report, Server
from bench.load import Sample, review
from bench.machine import machine
from webhook.model import Facts, Namespace
from webhook.mutate import admit
from webhook.review import parse, respond
from webhook.settings import Settings

BODIES: Mapping[str, Callable[[], bytes]] = {
    "4 KB pod": lambda: bodies.review(4_000, managed=False),
    "as the API server sends it": bodies.api_server_review,
    "60 KB pod": lambda: bodies.review(60_000, managed=False),
}


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured: reviews in process, rounds, reviews of a round by connections."""

    in_process: int
    rounds: int
    reviews: Mapping[int, int]


CONNECTIONS = (1, 16, 50)
EFFORTS = {
    "thorough": Effort(2_000, 6, {1: 1_500, 16: 5_000, 50: 5_000}),
    "quick": Effort(300, 2, {1: 300, 16: 1_000, 50: 1_000}),
}

Tell = Callable[[str], None]


def measure(effort: Effort, tell: Tell) -> Report:
    """All figures. Raises RuntimeError where a server does not start or answers wrongly."""
    tell("in process")
    in_process = tuple(_in_process(name, make(), effort) for name, make in BODIES.items())
    body = bodies.api_server_review()
    with tempfile.TemporaryDirectory(prefix="spanhook-bench-") as directory:
        product, floor = _servers(Path(directory), body, effort, tell)
    return Report(machine(), len(body), in_process, product, floor)


def _in_process(name: str, body: bytes, effort: Effort) -> InProcess:
    settings, facts = Settings(), Facts()
    latencies = []
    answer = b""
    gc.collect()
    for number in range(effort.in_process + effort.in_process // 10):
        started = perf_counter()
        review = parse(body)
        namespace = Namespace(name=review.namespace)
        answer = respond(review, admit(review, namespace, facts, settings, opted_in=True))
        if number >= effort.in_process // 10:  # the first tenth warms up
            latencies.append(perf_counter() - started)
    return InProcess(name, len(body), len(answer), tuple(latencies))


class _Load:
    """One server and what was seen of it so far."""

    def __init__(self, name: str, served: servers.Served, body: bytes) -> None:
        self.name = name
        self.served = served
        self._call = review(served.port, served.authority, body)
        self.idle_bytes = served.process.resident_bytes
        self.cpu = dict.fromkeys(CONNECTIONS, 0.0)
        self.samples: dict[int, list[Sample]] = {connections: [] for connections in CONNECTIONS}

    def round(self, connections: int, count: int) -> Sample:
        return self._call.run(connections, count)

    def measure(self, connections: int, count: int) -> None:
        before = self.served.process.cpu_seconds
        sample = self.round(connections, count)
        self.cpu[connections] += self.served.process.cpu_seconds - before
        self.samples[connections].append(sample)

    def figures(self) -> Server:
        load = tuple(self._over_tls(connections) for connections in CONNECTIONS)
        loaded = self.served.process.resident_bytes
        return Server(self.name, self.served.seconds, self.idle_bytes, loaded, load)

    def _over_tls(self, connections: int) -> OverTls:
        samples = self.samples[connections]
        latencies = tuple(latency for sample in samples for latency in sample.latencies)
        rates = tuple(sample.rate for sample in samples)
        return OverTls(connections, rates, latencies, self.cpu[connections])


def _servers(directory: Path, body: bytes, effort: Effort, tell: Tell) -> tuple[Server, Server]:
    before = os.sched_getaffinity(0)
    core = servers.cores()[0]
    with (
        servers.spanhook(directory / "spanhook", on=core) as ours,
        servers.floor(directory / "floor", on=core) as theirs,
    ):
        loads = (_Load("spanhook", ours, body), _Load("floor", theirs, body))
        os.sched_setaffinity(0, servers.cores()[1])
        try:
            _take_turns(loads, effort, tell)
        finally:
            os.sched_setaffinity(0, before)
        product, floor = (load.figures() for load in loads)
    return product, floor


def _take_turns(loads: tuple[_Load, ...], effort: Effort, tell: Tell) -> None:
    """Interleaved, so that whatever else the machine does hits both alike."""
    for load in loads:
        load.round(16, 500)
    for connections in CONNECTIONS:
        for number in range(effort.rounds):
            tell(f"{connections} connections, round {number + 1} of {effort.rounds}")
            for load in loads:
                load.measure(connections, effort.reviews[connections])
