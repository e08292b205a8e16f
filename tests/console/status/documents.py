"""The documents of an installation that is well, and of pods, as an API server sends them."""

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

from certs import bundle
from certs.authority import Authority, Leaf
from console.status.documents import Installation
from webhook.optin import LABEL

Json = dict[str, Any]

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
NAME = "spanhook-webhook.spanhook-system.svc"


def stamp(ago: timedelta = timedelta()) -> str:
    """A time before NOW, as the API has it."""
    return f"{NOW - ago:%Y-%m-%dT%H:%M:%SZ}"


def authority(age: timedelta = timedelta()) -> Authority:
    """An authority of ours, made `age` ago."""
    return Authority.create(NOW - age)


def leaf(of: Authority, age: timedelta = timedelta()) -> Leaf:
    """What replicas serve, made `age` ago."""
    return of.issue([NAME], NOW - age)


def encoded(*authorities: Authority) -> str:
    """A caBundle."""
    return base64.b64encode(bundle.write(one.certificate for one in authorities)).decode()


def entry(name: str, selectors: Json, bundle_: str, **fields: Any) -> Json:
    """An entry for pods that are created, leading to our Service."""
    service = {"namespace": "spanhook-system", "name": "spanhook-webhook", "path": "/mutate"}
    rule = {
        "operations": ["CREATE"],
        "apiGroups": [""],
        "apiVersions": ["v1"],
        "resources": ["pods"],
        "scope": "Namespaced",
    }
    return {
        "name": name,
        **selectors,
        "rules": [rule],
        "clientConfig": {"service": service, "caBundle": bundle_},
        "failurePolicy": "Ignore",
        "timeoutSeconds": 3,
        **fields,
    }


def expression(operator: str, *values: str, key: str = LABEL) -> Json:
    """A requirement of a label selector."""
    return {"key": key, "operator": operator, "values": [*values]}


NAMESPACES: Json = {
    "namespaceSelector": {"matchLabels": {LABEL: "enabled"}},
    "objectSelector": {"matchExpressions": [expression("NotIn", "disabled")]},
}
PODS: Json = {
    "namespaceSelector": {"matchExpressions": [expression("NotIn", "enabled", "disabled")]},
    "objectSelector": {"matchLabels": {LABEL: "enabled"}},
}


def configuration(bundle_: str, age: timedelta = timedelta(days=2)) -> Json:
    """The MutatingWebhookConfiguration as it is shipped, applied `age` ago."""
    return {
        "metadata": {"name": "spanhook", "creationTimestamp": stamp(age)},
        "webhooks": [
            entry("namespaces.spanhook.dev", NAMESPACES, bundle_),
            entry("pods.spanhook.dev", PODS, bundle_),
        ],
    }


def deployment(desired: int = 2, ready: int = 2, version: str = "0.1.0", *args: str) -> Json:
    """The webhook's Deployment."""
    image = f"ghcr.io/spanhook/webhook:{version}"
    containers = [{"name": "webhook", "image": image, "args": ["serve", *args]}]
    return {
        "spec": {"replicas": desired, "template": {"spec": {"containers": containers}}},
        "status": {"readyReplicas": ready, "updatedReplicas": desired},
    }


def lease(
    name: str, serves: Leaf | None = None, silent: timedelta = timedelta(seconds=4), **spec: Any
) -> Json:
    """A replica's Lease, as webhook.server.cluster.replicas writes it."""
    served = {}
    if serves is not None:
        served = {
            "spanhook.dev/serving": bundle.fingerprint(serves.certificate),
            "spanhook.dev/serving-issuer": bundle.issuer(serves.certificate),
            "spanhook.dev/serving-expires": f"{serves.expires:%Y-%m-%dT%H:%M:%SZ}",
        }
    return {
        "metadata": {
            "name": f"spanhook-webhook-replica-{name}",
            "annotations": {
                "spanhook.dev/version": "0.1.0",
                "spanhook.dev/certificates": "own",
                **served,
            },
        },
        "spec": {
            "holderIdentity": name,
            "renewTime": f"{NOW - silent:%Y-%m-%dT%H:%M:%S.%fZ}",
            **spec,
        },
    }


def leader(name: str) -> Json:
    """The Lease that replicas compete for."""
    return {"metadata": {"name": "spanhook-webhook"}, "spec": {"holderIdentity": name}}


def slices(*ready: bool | None) -> Json:
    """The Service's endpoints; None for one that does not say whether it is ready."""
    conditions = ({} if one is None else {"ready": one} for one in ready)
    return {"items": [{"endpoints": [{"conditions": one} for one in conditions]}]}


def installation(**changes: Any) -> Installation:
    """An installation that is well: two replicas that serve one certificate."""
    own = authority(timedelta(days=3))
    served = leaf(own, timedelta(days=3))
    return Installation(
        **{
            "namespace": "spanhook-system",
            "configuration": configuration(encoded(own)),
            "deployment": deployment(),
            "slices": slices(True, True),
            "settings": {"data": {}},
            "events": {"items": []},
            "leases": {"items": [lease("a", served), lease("b", served)]},
            "leader": leader("a"),
            **changes,
        }
    )


def pod(
    image: str = "python:3.12",
    name: str = "cart-7d5b-x2x4z",
    *,
    owner: tuple[str, str] | None = None,
    labels: Json | None = None,
    age: timedelta = timedelta(days=1),
    phase: str = "Running",
    **metadata: Any,
) -> Json:
    """A pod as it lives, with what API server, scheduler and kubelet have put into it."""
    own: Json = {"name": name, "namespace": "shop", "creationTimestamp": stamp(age), "uid": "u"}
    if owner is not None:
        kind, owned_by = owner
        own["ownerReferences"] = [{"kind": kind, "name": owned_by, "controller": True}]
    return {
        "metadata": {**own, "labels": labels or {}, **metadata},
        "spec": {
            "containers": [
                {
                    "name": "app",
                    "image": image,
                    "imagePullPolicy": "IfNotPresent",
                    "terminationMessagePath": "/dev/termination-log",
                    "volumeMounts": [{"name": "kube-api-access-6xgq2", "mountPath": "/token"}],
                }
            ],
            "nodeName": "node-1",
            "serviceAccountName": "default",
            "volumes": [{"name": "kube-api-access-6xgq2", "projected": {}}],
        },
        "status": {"phase": phase},
    }


def of_deployment(
    name: str, suffix: str = "aaaaa", image: str = "python:3.12", **more: Any
) -> Json:
    """A pod of a Deployment."""
    replica_set = f"{name}-7d5b4c"
    labels = {"pod-template-hash": "7d5b4c"} | more.pop("labels", {})
    given = {"owner": ("ReplicaSet", replica_set), "labels": labels, **more}
    return pod(image, f"{replica_set}-{suffix}", generateName=f"{replica_set}-", **given)


def namespace(name: str, label: str | None = None, set_at: str | None = None, **meta: Any) -> Json:
    """A namespace, with the label set at a time by kubectl."""
    labels = {"kubernetes.io/metadata.name": name, **({} if label is None else {LABEL: label})}
    fields: Json = {"f:metadata": {"f:labels": {f"f:{LABEL}": {}}}}
    managed = [
        {"manager": "kubectl-create", "time": stamp(timedelta(days=9)), "fieldsV1": {"f:spec": {}}},
        {"manager": "kubectl-label", "time": set_at, "fieldsV1": fields},
    ]
    return {"metadata": {"name": name, "labels": labels, "managedFields": managed, **meta}}
