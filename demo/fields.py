"""The downward API: what `fieldRef` reads from a pod."""

import re
from collections.abc import Mapping
from typing import Any

_MAP_ENTRY = re.compile(r"metadata\.(?P<map>labels|annotations)\['(?P<key>[^']+)'\]")

# The paths that Kubernetes allows in an environment variable, and where they stand in the pod.
_PATHS = {
    "metadata.name": ("metadata", "name"),
    "metadata.namespace": ("metadata", "namespace"),
    "metadata.uid": ("metadata", "uid"),
    "spec.nodeName": ("spec", "nodeName"),
    "spec.serviceAccountName": ("spec", "serviceAccountName"),
    "status.hostIP": ("status", "hostIP"),
    "status.hostIPs": ("status", "hostIP"),
    "status.podIP": ("status", "podIP"),
    "status.podIPs": ("status", "podIP"),
}


def pod_field(pod: Mapping[str, Any], path: str) -> str:
    """The field's text, empty where the pod has none. Raises KeyError for a path nobody allows."""
    if entry := _MAP_ENTRY.fullmatch(path):
        found = (pod["metadata"].get(entry["map"]) or {}).get(entry["key"], "")
        return str(found)
    parent, name = _PATHS[path]
    return str(pod.get(parent, {}).get(name, ""))
