"""Whose a container is, and what is done with it: pods and namespaces put together."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue

from nodeagent.cluster.cgroup import Place
from nodeagent.cluster.namespaces import Namespaces
from nodeagent.cluster.pod import Pod
from nodeagent.cluster.pods import Pods
from nodeagent.cluster.verdicts import Verdict, verdicts
from webhook.model import Namespace
from webhook.settings import Settings

_log = logging.getLogger(__name__)

_DEFAULTS = Settings()

_Known = tuple[Pod, Namespace, Settings, dict[str, Verdict]]


@dataclass(frozen=True, slots=True)
class Container:
    """A container of a pod; it is left alone where there is no verdict."""

    pod: str
    namespace: str
    pod_name: str
    name: str
    verdict: Verdict | None


class Directory:
    """Handlers of watches on one side, on another thread who asks about containers.

    `settings` are None where it has yet to be told what holds: until then no container is known.
    """

    def __init__(self, settings: Settings | None = _DEFAULTS) -> None:
        self.pods = Pods(self._told)
        self.namespaces = Namespaces(self._namespace_told)
        self.settings = settings
        self._changes: SimpleQueue[str] = SimpleQueue()
        self._verdicts: dict[str, _Known] = {}

    def take(self, settings: Settings) -> None:
        """These hold from now on: all pods are another matter where they are others."""
        if settings != self.settings:
            self.settings = settings
            for uid in tuple(self.pods.known):
                self._told(uid)

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
        """The container of a place; None where too little is known yet, of it or at all.

        `mounted` tells its name where the pod's status does not have its ID yet.
        """
        settings = self.settings
        pod = self.pods.known.get(place.pod)
        if pod is None or settings is None:
            return None
        namespace = self.namespaces.known.get(pod.namespace)
        name = pod.container(place.container) or mounted()
        if namespace is None or name is None:
            return None
        verdict = self._all(pod, namespace, settings).get(name)
        return Container(pod.uid, pod.namespace, pod.name, name, verdict)

    def _all(self, pod: Pod, namespace: Namespace, settings: Settings) -> dict[str, Verdict]:
        known = self._verdicts.get(pod.uid)
        # By identity: each of the three is replaced where it changes.
        if known is not None and all(
            one is other for one, other in zip(known[:3], (pod, namespace, settings), strict=True)
        ):
            return known[3]
        try:
            found = verdicts(pod.document, namespace, settings)
        except Exception:  # noqa: BLE001 - one odd pod must not keep others from being known
            _log.exception("%s/%s is left alone", pod.namespace, pod.name)
            found = {}
        self._verdicts[pod.uid] = (pod, namespace, settings, found)
        return found

    def _told(self, uid: str) -> None:
        self._changes.put(uid)

    def _namespace_told(self, name: str) -> None:
        for uid in self.pods.within(name):
            self._changes.put(uid)
