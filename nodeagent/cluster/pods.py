"""What is known of this node's pods."""

import logging
from collections.abc import Callable, Iterable

from kube.paths import path
from nodeagent.cluster.pod import Pod, PodObject

PATH = path("v1", "pods")

_log = logging.getLogger(__name__)


class Pods:
    """Pods by UID; `told` is called with the UID of each that is new, another, or gone."""

    def __init__(self, told: Callable[[str], None]) -> None:
        self.known: dict[str, Pod] = {}
        self._told = told

    def replaced(self, objects: Iterable[PodObject]) -> None:
        """These are all pods of the node."""
        kept = {one.uid: one for one in map(self._kept, objects)}
        before, self.known = self.known, kept
        for uid in before.keys() | kept.keys():
            if before.get(uid) != kept.get(uid):
                self._told(uid)

    def changed(self, item: PodObject) -> None:
        """A pod is new or has changed; most changes are of what nobody reads."""
        kept = self._kept(item)
        if kept is not self.known.get(kept.uid):
            self.known[kept.uid] = kept
            self._told(kept.uid)

    def removed(self, item: PodObject) -> None:
        """A pod is gone."""
        uid = item.kept().uid
        if self.known.pop(uid, None) is not None:
            self._told(uid)

    def get(self, uid: str) -> Pod | None:
        """A pod as it is now."""
        return self.known.get(uid)

    def within(self, namespace: str) -> list[str]:
        """The UIDs of a namespace's pods."""
        return [one.uid for one in list(self.known.values()) if one.namespace == namespace]

    def _kept(self, item: PodObject) -> Pod:
        """What is kept of a pod: the very same value as before where that is equal."""
        kept = item.kept()
        before = self.known.get(kept.uid)
        if before == kept:
            return before
        if kept.problem and kept.problem != (before and before.problem):
            _log.warning("%s/%s is left alone: %s", kept.namespace, kept.name, kept.problem)
        return kept
