from typing import Any

import pytest

from webhook.model import Owner
from webhook.owner import of_pod


def _owned(kind: str, name: str, labels: dict[str, str] | None = None) -> dict[str, Any]:
    reference = {"kind": kind, "name": name, "controller": True}
    return {"metadata": {"labels": labels, "ownerReferences": [reference]}}


HASH = {"pod-template-hash": "7d9f8"}


@pytest.mark.parametrize(
    ("pod", "expected"),
    [
        pytest.param(
            _owned("ReplicaSet", "cart-api-7d9f8", HASH),
            Owner("Deployment", "cart-api", replica_set="cart-api-7d9f8"),
            id="deployment",
        ),
        pytest.param(
            _owned("ReplicaSet", "cart-7d9f8", {"rollouts-pod-template-hash": "7d9f8"}),
            Owner("Rollout", "cart", replica_set="cart-7d9f8"),
            id="rollout",
        ),
        pytest.param(
            _owned("ReplicaSet", "cart-blue", HASH),
            Owner("ReplicaSet", "cart-blue", replica_set="cart-blue"),
            id="replica-set-of-another-name",
        ),
        pytest.param(
            _owned("ReplicaSet", "cart-7d9f8"),
            Owner("ReplicaSet", "cart-7d9f8", replica_set="cart-7d9f8"),
            id="replica-set-without-label",
        ),
        pytest.param(
            _owned("Job", "report-29412345"),
            Owner("CronJob", "report", job="report-29412345"),
            id="cron-job",
        ),
        pytest.param(
            _owned("Job", "load-2026"), Owner("Job", "load-2026", job="load-2026"), id="job"
        ),
        pytest.param(_owned("StatefulSet", "db"), Owner("StatefulSet", "db"), id="stateful-set"),
        pytest.param(_owned("Widget", "w"), Owner("Widget", "w"), id="unknown-kind"),
        pytest.param({"metadata": {}}, None, id="bare"),
        pytest.param({}, None, id="without-metadata"),
        pytest.param({"metadata": {"ownerReferences": None}}, None, id="null"),
        pytest.param(
            {"metadata": {"ownerReferences": [{"kind": "Node", "name": "n"}]}},
            None,
            id="not-the-controller",
        ),
    ],
)
def test_of_pod(pod: dict[str, Any], expected: Owner | None) -> None:
    """The workload is the one that a person deployed, as far as the pod surely tells."""
    assert of_pod(pod) == expected
