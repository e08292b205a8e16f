"""Cold images at a webhook that runs: `python -m tests.webhook.server.cluster.images.cold`.

Two hundred pods, each of an image that nobody ever saw, fifty at a time, at a real `spanhook serve`
with a real API server and a real registry on this machine; then again with a registry that takes
connections and never says a word. Printed are the times of the reviews, and what each image cost.
"""

import json
import queue
import re
import socket
import ssl
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPSConnection
from pathlib import Path
from typing import Any

from tests.cluster import Cluster, cluster
from tests.cluster.definitions import define
from tests.cluster.processes import Process
from tests.registry import measure as pushing
from tests.registry.debian import serving
from tests.registry.pushing import push
from tests.webhook.server.serving import review, trusting

IMAGES = 200
PARALLEL = 50
DEADLINE = 1.0
ALLOWANCE = 0.05


@dataclass(frozen=True, slots=True)
class Reviewed:
    """One review: how long it took, and what was decided."""

    seconds: float
    decision: str


def tell(line: str) -> None:
    """Print a line."""
    sys.stdout.write(f"{line}\n")


@contextmanager
def webhook(api: Cluster, folder: Path, host: str) -> Iterator[tuple[int, Path]]:
    """A webhook that may ask the registry; its port, and the directory of its certificates."""
    inspection = {"plainHttp": [host], "local": [host], "deadline": DEADLINE}
    settings = folder / "settings.yaml"
    settings.write_text(json.dumps({"imageInspection": inspection}))
    spanhook = Path(sys.executable).with_name("spanhook")
    certificates = folder / "certificates"
    with api.namespace() as home:
        options = ["--kubeconfig", str(api.kubeconfig), "--namespace", home, "--port", "0"]
        options += ["--cert-dir", str(certificates), "--settings", str(settings)]
        process = Process("spanhook", [str(spanhook), "serve", *options], folder)
        process.start()
        try:
            process.wait(lambda: "is ready at" in process.log.read_text())
            (port,) = re.findall(r"127\.0\.0\.1:(\d+)/mutate", process.log.read_text())
            yield int(port), certificates
        finally:
            process.stop()


def reviewed(port: int, certificates: Path, references: Sequence[str]) -> list[Reviewed]:
    """Have a pod of each image reviewed, fifty at a time, each over a connection that is open."""
    waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
    for reference in references:
        waiting.put(reference)
    found: list[Reviewed] = []
    context = trusting(certificates)
    gate = threading.Barrier(PARALLEL)
    threads = [
        threading.Thread(target=_ask, args=(port, context, waiting, found, gate))
        for _ in range(PARALLEL)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def _ask(
    port: int,
    context: ssl.SSLContext,
    waiting: "queue.SimpleQueue[str]",
    found: list[Reviewed],
    gate: threading.Barrier,
) -> None:
    connection = HTTPSConnection("127.0.0.1", port, context=context, timeout=30)
    connection.connect()
    gate.wait()
    while True:
        try:
            reference = waiting.get_nowait()
        except queue.Empty:
            break
        containers = [{"name": "app", "image": reference}]
        pod = {"metadata": {"generateName": "cold-"}, "spec": {"containers": containers}}
        body = json.dumps(review(object=pod)).encode()
        began = time.perf_counter()
        headers = {"Content-Type": "application/json"}
        connection.request("POST", "/mutate?timeout=3s", body, headers)
        answer: Any = json.loads(connection.getresponse().read())
        seconds = time.perf_counter() - began
        decision = answer["response"]["auditAnnotations"]["decisions"]
        found.append(Reviewed(seconds, decision))
    connection.close()


def metrics(port: int, certificates: Path) -> dict[str, float]:
    """The webhook's metrics."""
    connection = HTTPSConnection("127.0.0.1", port, context=trusting(certificates), timeout=30)
    connection.request("GET", "/metrics")
    lines = connection.getresponse().read().decode().splitlines()
    connection.close()
    named = (line.rpartition(" ") for line in lines if not line.startswith("#"))
    return {name: float(value) for name, _, value in named}


def report(name: str, found: Sequence[Reviewed], counted: dict[str, float]) -> None:
    """Print what came of one run."""
    seconds = sorted(one.seconds for one in found)
    late = sum(one > DEADLINE + ALLOWANCE for one in seconds)
    words = {one.decision: 0 for one in found}
    for one in found:
        words[one.decision] += 1
    tell(
        f"{name}: {len(found)} reviews, {PARALLEL} at a time:"
        f" median {statistics.median(seconds) * 1000:.0f} ms,"
        f" p99 {seconds[int(len(seconds) * 0.99)] * 1000:.0f} ms,"
        f" slowest {seconds[-1] * 1000:.0f} ms;"
        f" over {DEADLINE + ALLOWANCE:.2f} s: {late}"
    )
    tell(f"  {', '.join(f'{word} {number}' for word, number in words.items())}")
    ended = counted.get("spanhook_image_lookup_duration_seconds_count", 0)
    if ended:
        requests = counted["spanhook_image_lookup_requests_total"] / ended
        size = counted["spanhook_image_lookup_bytes_total"] / ended
        total = counted["spanhook_image_lookup_duration_seconds_sum"] / ended
        tell(
            f"  {ended:.0f} look-ups: {requests:.1f} requests, {size:,.0f} bytes and"
            f" {total * 1000:.0f} ms each"
        )
        tell(f"  the webhook's processor time: {counted['process_cpu_seconds_total']:.1f} s")


def honest(api: Cluster, folder: Path) -> None:
    """A registry that answers: all at a time, then again, then one after the other."""
    folder.mkdir()
    with serving(folder) as registry, webhook(api, folder, registry.host) as (port, certificates):
        for number in range(IMAGES + PARALLEL):
            push(registry.url, f"bench/app{number}", pushing.image(number), "1")
        references = [f"{registry.host}/bench/app{number}:1" for number in range(IMAGES + PARALLEL)]
        found = reviewed(port, certificates, references[:IMAGES])
        report("cold", found, metrics(port, certificates))
        alone = [
            one
            for reference in references[IMAGES:]
            for one in _alone(port, certificates, reference)
        ]
        report("cold, one after the other", alone, {})
        before = metrics(port, certificates)
        report("again", reviewed(port, certificates, references[:IMAGES]), {})
        after = metrics(port, certificates)
        name = "spanhook_image_lookup_requests_total"
        tell(f"  requests to the registry: {after[name] - before[name]:.0f}")


def _alone(port: int, certificates: Path, reference: str) -> list[Reviewed]:
    found: list[Reviewed] = []
    waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
    waiting.put(reference)
    _ask(port, trusting(certificates), waiting, found, threading.Barrier(1))
    return found


def hanging(api: Cluster, folder: Path) -> None:
    """A registry that never answers."""
    folder.mkdir()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(256)
        host = f"localhost:{listener.getsockname()[1]}"
        with webhook(api, folder, host) as (port, certificates):
            references = [f"{host}/bench/app{number}:1" for number in range(IMAGES)]
            found = reviewed(port, certificates, references)
            report("a registry that hangs", found, metrics(port, certificates))


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name, cluster() as api:
        define(api)
        honest(api, Path(name) / "honest")
        hanging(api, Path(name) / "hanging")


if __name__ == "__main__":
    main()
