from pathlib import Path

from bench.apiserver.growth import grow, name
from bench.apiserver.pods import MANY, PODS
from bench.apiserver.webhooks import injection, variants
from tests.cluster import Cluster


def test_pods_are_instrumented() -> None:
    """What is measured is an injection for each pod, twenty of them for the largest."""
    mounts = {
        size: len([one for one in injection(pod) if "/volumeMounts" in one["path"]])
        for size, pod in PODS.items()
    }

    assert mounts == {"one container": 1, "usual": 1, "20 containers": MANY}


def test_variants_through_the_api_server(api: Cluster, tmp_path: Path) -> None:
    """With each webhook, creations come back as they should; what serves has a price."""
    with variants(api, tmp_path) as all_:
        samples = [one.creation(PODS["usual"]).run(4, 40) for one in all_]

    assert [len(sample.latencies) for sample in samples] == [40] * 4


def test_growth(api: Cluster, tmp_path: Path) -> None:
    """Each step is a new replica that watches what is there by then."""
    try:
        steps = grow(api, tmp_path, (1, 2), rounds=1, count=20)
    finally:
        for number in range(2):
            api.remove_namespace(name(number))

    assert [(step.namespaces, step.objects) for step in steps] == [(1, 10), (2, 20)]
    assert all(step.ready_seconds > 0 and step.ready_bytes > 10_000_000 for step in steps)
