"""Work that ends: a Job, and a CronJob that is due every minute."""

from typing import Any

from tests.cluster.client import Object
from tests.e2e.shop import NAMESPACE

JOB, CRON_JOB = "stocktaking", "report"

# It asks two services of the shop: what it sends is the beginning of a trace.
_PROGRAM = """
import requests

answer = requests.get("http://cart:8080/products", timeout=20)
answer.raise_for_status()
"""


def job() -> Object:
    """The Job."""
    return _object("Job", JOB) | {"spec": _spec()}


def cron_job() -> Object:
    """The CronJob."""
    template = {"jobTemplate": {"spec": _spec()}, "concurrencyPolicy": "Forbid"}
    return _object("CronJob", CRON_JOB) | {"spec": {"schedule": "* * * * *", **template}}


def _spec() -> dict[str, Any]:
    container = {
        "name": "main",
        "image": "shop/cart:1.0.0",
        "command": ["python3", "-c", _PROGRAM],
        "securityContext": {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}},
    }
    pod = {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [container],
    }
    return {"template": {"spec": pod}, "backoffLimit": 2}


def _object(kind: str, name: str) -> Object:
    metadata = {"name": name, "namespace": NAMESPACE}
    return {"apiVersion": "batch/v1", "kind": kind, "metadata": metadata}
