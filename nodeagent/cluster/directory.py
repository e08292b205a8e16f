"""Whose a container is, and what is done with it: pods and namespaces put together."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from nodeagent.cluster.cgroup import Place
from nodeagent.cluster.namespaces import Namespaces
from nodeagent.cluster.pods import Pod, Pods
from nodeagent.cluster.verdicts import Verdict, verdicts
from webhook.model import Namespace
from webhook.settings import Settings

_log = logging.getLogger(__name__)

_Known = tuple[Pod, Namespace, dict[str, Verdict]]


@dataclass(frozen=True, slots=True)
class Container:
    """A container of a pod; it is left alone where there is no verdict."""

    pod: str
    namespace: str
    pod_name: str
    name: str
    verdict: Verdict | None


class Directory:
    """Handlers of two watches on one side, on another thread who asks about containers."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.pods = Pods(self._told)
        self.namespaces = Namespaces(self._namespace_told)
        self._settings = settings or Settings()
        self._changes: SimpleQueue[str] = SimpleQueue()
        self._verdicts: dict[str, _Known] = {}

    def changes(self) -> set[str]:
        """The UIDs of pods of which something changed since the last call."""
        found: set[str] = set()
        while True:
            try:
                found.add(self._changes.get_nowait())
            except Empty:
                break
        for uid in found - self.pods.known.keys():
            self._verdicts.pop(uid, None)
        return found

    def container(self, place: Place, mounted: Callable[[], str | None]) -> Container | None:
        """The container of a place; None where too little is known of the pod yet.

        `mounted` tells its name where the pod's status does not have its ID yet.
        """
        pod = self.pods.known.get(place.pod)
        if pod is None:
            return None
        namespace = self.namespaces.known.get(pod.namespace)
        name = pod.container(place.container) or mounted()
        if namespace is None or name is None:
            return None
        verdict = self._all(pod, namespace).get(name)
        return Container(pod.uid, pod.namespace, pod.name, name, verdict)

    def _all(self, pod: Pod, namespace: Namespace) -> dict[str, Verdict]:
        known = self._verdicts.get(pod.uid)
        if known is not None and known[0] is pod and known[1] is namespace:
            return known[2]
        try:
            found = verdicts(pod.document, namespace, self._settings)
        except Exception:  # noqa: BLE001 - one odd pod must not keep others from being known
            _log.exception("%s/%s is left alone", pod.namespace, pod.name)
            found = {}
        self._verdicts[pod.uid] = (pod, namespace, found)
        return found

    def _told(self, uid: str) -> None:
        self._changes.put(uid)

    def _namespace_told(self, name: str) -> None:
        for uid in self.pods.within(name):
            self._changes.put(uid)
