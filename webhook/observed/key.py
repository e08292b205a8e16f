"""By what an observation is found again: for whom it is evidence."""

import hashlib
from typing import NamedTuple

from webhook import owner
from webhook.images.command import command_key
from webhook.model import Object, Owner

_LONGEST = 253
_HASHED = 16


class Workload(NamedTuple):
    """What a pod is of, as a person names it: a Deployment, not its ReplicaSet."""

    namespace: str
    kind: str
    name: str

    @property
    def object_name(self) -> str:
        """The name of its InstrumentedApplication: `<kind>-<name>`, with a hash for what is cut.

        Names of RBAC-like kinds may hold what an object's name may not; the hash covers those too.
        """
        plain = f"{self.kind}-{self.name}".lower()
        if len(plain) <= _LONGEST and _is_name(plain) and self.name == self.name.lower():
            return plain
        digest = hashlib.sha256(f"{self.kind}\0{self.name}".encode()).hexdigest()[:_HASHED]
        kept = "".join(c if _is_name(c) else "-" for c in plain[: _LONGEST - _HASHED - 1])
        return f"{kept.strip('-.') or 'x'}-{digest}"


class Key(NamedTuple):
    """One container of a workload, running one image (`digest` as in `sha256:…`)."""

    workload: Workload
    container: str
    digest: str


def workload_of(pod: Object, namespace: str | None, controller: Owner | None) -> Workload | None:
    """The workload of a pod: what controls it, else the pod itself where it has a name."""
    if controller is not None:
        return Workload(namespace or "", controller.kind, controller.name)
    name = (pod.get("metadata") or {}).get("name")
    return Workload(namespace or "", "Pod", name) if name else None


def of_pod(pod: Object) -> Workload | None:
    """The workload of a pod that is in a cluster."""
    metadata = pod.get("metadata") or {}
    return workload_of(pod, metadata.get("namespace"), owner.of_pod(pod))


def started(container: Object) -> str:
    """A digest (64 hex digits) of what a container says about its command line.

    The image's part of it is the image's digest's. With the count ahead, arguments are no command.
    """
    command, arguments = container.get("command") or (), container.get("args") or ()
    return command_key((str(len(command)), *command, *arguments), container)


def _is_name(text: str) -> bool:
    return text.isascii() and all(c.isalnum() or c in "-." for c in text)
