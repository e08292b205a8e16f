"""What a person does about pending pods: the line for a shell, by the kind of their workload.

kind                     condition             remedy
-----------------------  --------------------  ------------------------------------------
Deployment               paused                resume, then restart
DaemonSet, StatefulSet   updates on delete     delete its pods
StatefulSet              partitioned update    restart; delete the pods below the partition
Deployment, DaemonSet,   none of these         kubectl rollout restart
StatefulSet
Rollout (Argo's)         -                     its plugin's restart
ReplicaSet,              -                     delete its pods: it creates new ones
ReplicationController
CronJob                  -                     nothing: its next run is instrumented
Job                      -                     nothing, or create it anew from its manifest
Pod                      -                     create it anew from its manifest
anything else            -                     let its controller create its pods anew
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from console.status.model import Remedy
from webhook.model import Object

SHOWN = 10
"""Names of pods in one line for a shell; what needs more of them is looked up by a person."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A workload with pending pods: `pods` are the first `SHOWN` of `count` names.

    `live` is the workload as it is now, None where it could not be read.
    """

    kind: str
    name: str
    namespace: str
    pods: Sequence[str]
    count: int
    live: Object | None = None

    @property
    def spec(self) -> Object:
        """The workload's spec, as far as it is known."""
        return (self.live or {}).get("spec") or {}


ROLLED: Mapping[str, str] = MappingProxyType(
    {"Deployment": "deployments", "DaemonSet": "daemonsets", "StatefulSet": "statefulsets"}
)
"""The kinds that `kubectl rollout restart` knows, with their resources' names in the API."""


def remedy(pending: Pending) -> Remedy:
    """What to do so that the workload's pending pods are created anew."""
    return _REMEDIES.get(pending.kind, _foreign)(pending)


def _rollout(pending: Pending) -> Remedy:
    target = f"{pending.kind.lower()}/{pending.name} -n {pending.namespace}"
    restart = f"kubectl rollout restart {target}"
    if pending.spec.get("paused"):
        return Remedy(
            f"kubectl rollout resume {target} && {restart}",
            "It is paused: resuming also rolls out what has been changed meanwhile.",
        )
    strategy = pending.spec.get("updateStrategy") or {}
    if strategy.get("type") == "OnDelete":
        return _deletion(pending, "Its update strategy is OnDelete: a restart replaces no pod.")
    partition = (strategy.get("rollingUpdate") or {}).get("partition")
    if partition:
        return Remedy(
            restart,
            f"Its update is partitioned: delete the pods with a number below {partition} yourself.",
        )
    return Remedy(restart)


def _argo(pending: Pending) -> Remedy:
    return Remedy(
        f"kubectl argo rollouts restart {pending.name} -n {pending.namespace}",
        "Needs the plugin of Argo Rollouts.",
    )


def _replicas(pending: Pending) -> Remedy:
    return _deletion(pending, f"A {pending.kind} creates its pods anew, not by rollout.")


def _deletion(pending: Pending, why: str) -> Remedy:
    command = f"kubectl delete pod {' '.join(pending.pods)} -n {pending.namespace}"
    more = pending.count - len(pending.pods)
    rest = f" These are {len(pending.pods)} of {pending.count}." if more else ""
    return Remedy(command, f"{why} Delete them a few at a time.{rest}")


def _cron_job(_pending: Pending) -> Remedy:
    return Remedy(None, "Nothing to do: its next run is instrumented.", needed=False)


def _job(_pending: Pending) -> Remedy:
    return Remedy(
        None,
        "A Job's pods run once. To run it instrumented, delete it and create it from its manifest.",
        needed=False,
    )


def _bare(pending: Pending) -> Remedy:
    return Remedy(
        None,
        "Nothing creates it anew: delete it and create it from its manifest"
        f" (kubectl replace --force -f FILE -n {pending.namespace}).",
    )


def _foreign(pending: Pending) -> Remedy:
    return Remedy(None, f"Let its {pending.kind} create its pods anew.")


_REMEDIES: Mapping[str, Callable[[Pending], Remedy]] = MappingProxyType(
    {
        **dict.fromkeys(ROLLED, _rollout),
        "Rollout": _argo,
        "ReplicaSet": _replicas,
        "ReplicationController": _replicas,
        "CronJob": _cron_job,
        "Job": _job,
        "Pod": _bare,
    }
)
