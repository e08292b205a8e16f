"""LimitRanges: an injected init container never makes a pod be refused, nor changes its sums."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.cluster.admission.pods import container, pod, resources
from tests.cluster.admission.twins import Twins
from tests.webhook.standards import effective

Json = dict[str, Any]

SMALL, LARGE = {"cpu": "100m", "memory": "256Mi"}, {"cpu": "2", "memory": "2Gi"}
DISK = {"ephemeral-storage": "2Gi"}


def limit(kind: str = "Container", **bounds: Json) -> Json:
    """One item of a LimitRange."""
    return {"type": kind, **bounds}


RANGES: dict[str, list[Json]] = {
    "defaults": [limit(default=LARGE, defaultRequest=SMALL)],
    "default limits only": [limit(default={"memory": "512Mi"})],
    "default requests only": [limit(defaultRequest=SMALL)],
    "min": [limit(min=SMALL)],
    "max": [limit(max=LARGE)],
    "min and max": [limit(min={"cpu": "50m", "memory": "128Mi"}, max=LARGE)],
    "tight": [limit(min=SMALL, max=SMALL)],
    "ratio": [limit(maxLimitRequestRatio={"cpu": "2", "memory": "1"})],
    "ratio and defaults": [
        limit(default=SMALL, defaultRequest=SMALL, maxLimitRequestRatio={"cpu": "1"})
    ],
    "disk": [limit(default=DISK, defaultRequest=DISK, max={"ephemeral-storage": "4Gi"})],
    "disk min": [limit(min={"ephemeral-storage": "1Gi"})],
    "pod max": [limit("Pod", max={"cpu": "500m", "memory": "1Gi"})],
    "pod min": [limit("Pod", min={"cpu": "100m", "memory": "256Mi"})],
    "pod ratio": [limit("Pod", maxLimitRequestRatio={"memory": "1"})],
    "pod and container": [
        limit(default={"memory": "512Mi"}, defaultRequest=SMALL),
        limit("Pod", max={"memory": "1Gi"}),
    ],
    "other resources": [
        limit(
            default={"example.com/gpu": "1"},
            defaultRequest={"example.com/gpu": "1"},
            max={"example.com/gpu": "1"},
        )
    ],
}

PODS: dict[str, Json] = {
    "nothing": pod(),
    "requests": pod(container(**resources(SMALL))),
    "limits": pod(container(**resources(limits=SMALL))),
    "both": pod(container(**resources(SMALL, {"cpu": "200m", "memory": "256Mi"}))),
    "guaranteed": pod(container(**resources(SMALL, SMALL))),
    "large": pod(container(**resources(SMALL, LARGE))),
    "memory only": pod(container(**resources({"memory": "256Mi"}, {"memory": "512Mi"}))),
    "disk": pod(container(**resources(DISK, DISK))),
    "a small and a large": pod(
        container("small", **resources(SMALL, SMALL)),
        container("large", "java", **resources(LARGE, LARGE)),
    ),
    "two languages": pod(
        container("one", **resources(SMALL, SMALL)),
        container("two", "nodejs", **resources(SMALL, SMALL)),
    ),
    "one of two says": pod(
        container("says", **resources(SMALL, SMALL)), container("silent", "java")
    ),
    "sidecar": pod(
        container(**resources(SMALL, SMALL)),
        initContainers=[
            container("early", "nodejs", restartPolicy="Always", **resources(SMALL, SMALL))
        ],
    ),
    "init container": pod(
        container(**resources(SMALL, SMALL)),
        initContainers=[{"name": "init", "image": "busybox", **resources(LARGE, LARGE)}],
    ),
    "of the pod": pod(resources={"requests": SMALL, "limits": SMALL}),
    "of the pod and a container": pod(
        container(**resources({"memory": "256Mi"})), resources={"limits": LARGE}
    ),
    "gpu": pod(container(**resources(limits={"example.com/gpu": "1"}))),
}


@pytest.mark.parametrize("name", RANGES)
def test_limit_ranges(pairs: Callable[..., Twins], name: str) -> None:
    """Every pod that is accepted without us is accepted with us, and asks for the same in all."""
    both = pairs()
    # It counts at once: for a namespace without a known one, the first pod has the API server look.
    range_ = {"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "range"}}
    both.apply({**range_, "spec": {"limits": RANGES[name]}})
    accepted = 0
    for what, one in PODS.items():
        answers = both.create(one)
        assert answers.plain.status == answers.served.status, (what, answers.served.message)
        if not answers.accepted:
            continue
        accepted += answers.injected
        answers.check()
        for kind in ("requests", "limits"):
            sums = [effective(found.body, kind) for found in (answers.plain, answers.served)]
            assert sums[0] == sums[1], (what, kind)

    assert accepted >= 2
