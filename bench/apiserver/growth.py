"""How a replica grows with what it watches: memory, time to ready, what a creation costs."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench.apiserver.figures import Spread, Step
from bench.apiserver.pods import PODS
from bench.apiserver.webhooks import INJECTED, Variant, registered, spanhook
from bench.bodies import Json
from bench.figures import quantile
from bench.load import Call
from bench.servers import Served
from tests.cluster import Cluster
from tests.waiting import until

NAMESPACES = (1, 10, 100, 1_000)
CONFIG_MAPS = 9
"""In each namespace, with the namespace itself ten objects: 10,000 in the largest step."""

_WRITERS = 8
CLIENTS = (1, 16)
_POD = PODS["usual"]
_LABELS = {"spanhook.dev/instrument": "enabled"}
_CREATED = 201


def grow(
    cluster: Cluster, directory: Path, steps: Sequence[int], rounds: int, count: int
) -> tuple[Step, ...]:
    """Add namespaces step by step, each time with a new replica. Raises RuntimeError."""
    done, found = 0, []
    for number in steps:
        _fill(cluster, range(done, number))
        done = number
        with spanhook(cluster, directory / str(number)) as served, registered(cluster, served):
            found.append(_step(cluster, served, number, rounds, count))
    return tuple(found)


def _step(cluster: Cluster, served: Served, namespaces: int, rounds: int, count: int) -> Step:
    ready = served.process.resident_bytes
    product = Variant("spanhook", cluster, name(0), served.process, INJECTED)
    until(product.is_there, "pods as they should be")
    calls = (Variant("none", cluster, "default").creation(_POD), product.creation(_POD))
    added = tuple(_added(calls, clients, rounds, count) for clients in CLIENTS)
    return Step(
        namespaces,
        namespaces * (1 + CONFIG_MAPS),
        served.seconds,
        ready,
        served.process.resident_bytes,
        added,
    )


def _added(calls: tuple[Call, Call], clients: int, rounds: int, count: int) -> Spread:
    """What the product adds to the median of a creation, round by round."""
    differences = []
    for _ in range(rounds):
        base, ours = (quantile(call.run(clients, count).latencies, 0.5) for call in calls)
        differences.append(ours - base)
    return Spread.of(differences)


def _fill(cluster: Cluster, numbers: range) -> None:
    with ThreadPoolExecutor(_WRITERS) as pool:
        list(pool.map(lambda number: _namespace(cluster, number), numbers))


def _namespace(cluster: Cluster, number: int) -> None:
    metadata = {"name": name(number), "labels": _LABELS}
    _create(cluster, {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
    for index in range(CONFIG_MAPS):
        _create(cluster, _config_map(name(number), index))


def _config_map(namespace: str, index: int) -> Json:
    """About 1 KB, of which a variable that is merged is kept in memory."""
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": f"settings-{index}", "namespace": namespace},
        "data": {"JAVA_TOOL_OPTIONS": "-Xmx256m", "application.yaml": "value: 1\n" * 100},
    }


def _create(cluster: Cluster, thing: Json) -> None:
    answer = cluster.create(thing)
    if answer.status != _CREATED:
        raise RuntimeError(answer.message)


def name(number: int) -> str:
    """The namespace of this number."""
    return f"watched-{number:04}"
