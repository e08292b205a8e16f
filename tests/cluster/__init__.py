"""A real API server for tests.

    with cluster() as c, c.namespace({"team": "shop"}) as namespace:
        c.apply(MANIFESTS)
        answer = c.create(POD, namespace=namespace, dry_run=True)

Sizes: in `api` (etcd and kube-apiserver) admission, RBAC, quotas and Pod Security are real, and
pods stay pending. `controllers` adds the controller manager, the scheduler and pretended nodes:
Deployments roll, and pods say that they run. In `node` they do run: see `tests.cluster.node`.

The API server itself watches roles, quotas, limits, endpoints and webhook configurations: they take
effect some moments after they were written. `tests.waiting.until` waits for the effect.
"""

from tests.cluster.binaries import UnavailableError
from tests.cluster.client import ApiRefused, Client
from tests.cluster.cluster import Cluster
from tests.cluster.processes import StartError
from tests.cluster.services import Service
from tests.cluster.sizes import cluster
from tests.cluster.transport import Response

__all__ = [
    "ApiRefused",
    "Client",
    "Cluster",
    "Response",
    "Service",
    "StartError",
    "UnavailableError",
    "cluster",
]
