"""Which workload a pod belongs to, told from the pod alone.

A Deployment's pod is owned by a ReplicaSet named `<deployment>-<pod-template-hash>`, and carries
the hash as a label: cutting exactly that is safe where cutting at the last dash is a guess. A
CronJob's Job ends in its scheduled time in minutes, at least eight digits.
"""

import re

from webhook.model import Object, Owner

_CRON_JOB = re.compile(r"(.+)-\d{8,}")
_HASH_LABELS = (("pod-template-hash", "Deployment"), ("rollouts-pod-template-hash", "Rollout"))


def of_pod(pod: Object) -> Owner | None:
    """The workload that controls the pod, or None for a bare pod."""
    metadata = pod.get("metadata") or {}
    references = metadata.get("ownerReferences") or ()
    reference = next((r for r in references if r.get("controller")), None)
    if reference is None:
        return None
    kind, name = reference.get("kind", ""), reference.get("name", "")
    if kind == "ReplicaSet":
        return _replica_set(name, metadata.get("labels") or {})
    if kind == "Job":
        match = _CRON_JOB.fullmatch(name)
        return Owner("CronJob", match[1], job=name) if match else Owner("Job", name, job=name)
    return Owner(kind, name)


def _replica_set(name: str, labels: Object) -> Owner:
    for label, kind in _HASH_LABELS:
        suffix = f"-{labels.get(label)}"
        if label in labels and name.endswith(suffix):
            return Owner(kind, name.removesuffix(suffix), replica_set=name)
    return Owner("ReplicaSet", name, replica_set=name)
