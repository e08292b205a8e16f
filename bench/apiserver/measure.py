"""Pod creations (dry run) through a real API server, the variants in turns."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.apiserver.figures import Quiet, Report, Round, Series, Turns
from bench.apiserver.growth import grow
from bench.apiserver.pods import PODS
from bench.apiserver.webhooks import Variant, variants
from bench.bodies import Json
from bench.load import Call
from bench.machine import machine
from bench.processes import Process
from tests.cluster import Cluster, cluster

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured.

    Rounds, creations of a round at one client and at more, steps of watched namespaces.
    """

    rounds: int
    one: int
    many: int
    steps: tuple[int, ...]

    def count(self, clients: int) -> int:
        """Creations of a round."""
        return self.one if clients == 1 else self.many


CLIENTS = (1, 16, 50)
EFFORTS = {
    "thorough": Effort(32, 50, 200, (1, 10, 100, 1_000)),
    "quick": Effort(8, 50, 200, (1, 10)),
}

_ENTRIES = ("namespaces.spanhook.dev", "pods.spanhook.dev")


def measure(directory: Path, effort: Effort, tell: Tell) -> Report:
    """All figures. Raises RuntimeError where a creation is not what it should be.

    Raises tests.cluster.UnavailableError and StartError where there is no API server.
    """
    tell("starting an API server")
    with cluster(directory=directory) as one:
        with variants(one, directory) as all_:
            quiet = _quiet(one, all_.none, effort.many)
            turns = _Turns(Process(one.api_server_pid), tuple(all_), effort, tell)
            turns.warm_up()
            by_clients = tuple(
                turns.take(_clients(number), PODS["usual"], number) for number in CLIENTS
            )
            by_pod = tuple(turns.take(name, pod, 1) for name, pod in PODS.items())
        tell("creations with more and more namespaces")
        steps = grow(one, directory, effort.steps, effort.rounds // 4, effort.one)
        version = one.request("GET", "/version").body["gitVersion"]
    return Report(machine(), version, quiet, by_clients, by_pod, steps)


def _clients(number: int) -> str:
    return "1 client" if number == 1 else f"{number} clients"


def _quiet(one: Cluster, none: Variant, count: int) -> Quiet:
    """The product is registered and runs, and a namespace has not heard of it."""

    def calls() -> float:
        name = "apiserver_admission_webhook_request_total"
        return sum(one.metric(name, name=entry) for entry in _ENTRIES)

    before = calls()
    none.creation(PODS["usual"]).run(16, count)
    return Quiet(count, round(calls() - before))


@dataclass(frozen=True, slots=True)
class _Turns:
    server: Process
    variants: Sequence[Variant]
    effort: Effort
    tell: Tell

    def warm_up(self) -> None:
        """Connections, caches of the API server, code of the webhooks."""
        for variant in self.variants:
            variant.creation(PODS["usual"]).run(16, 300)

    def take(self, load: str, pod: Json, clients: int) -> Turns:
        """Rounds of the variants, a different one first each time.

        What one leaves behind for the next, such as garbage in the API server, hits all alike.
        """
        calls = [variant.creation(pod) for variant in self.variants]
        rounds: list[list[Round]] = [[] for _ in calls]
        for number in range(self.effort.rounds):
            self.tell(f"creations, {load}, round {number + 1} of {self.effort.rounds}")
            for place in range(len(calls)):
                turn = (place + number) % len(calls)
                rounds[turn].append(self._round(self.variants[turn], calls[turn], clients))
        pairs = zip(self.variants, rounds, strict=True)
        none, label, injection, product = (Series(one.name, tuple(of)) for one, of in pairs)
        return Turns(load, none, label, injection, product)

    def _round(self, variant: Variant, call: Call, clients: int) -> Round:
        def cpu() -> tuple[float, float]:
            webhook = variant.process.cpu_seconds if variant.process else 0.0
            return self.server.cpu_seconds, webhook

        before = cpu()
        sample = call.run(clients, self.effort.count(clients))
        server, webhook = (after - was for after, was in zip(cpu(), before, strict=True))
        return Round(sample.latencies, server, webhook)
