"""The name of a process's container, by its mounts.

A pod's status names a container's ID only seconds after it started. But the kubelet mounts a file
into each container, by default as /dev/termination-log, whose path on the node has the name:
`<kubelet's folder>/pods/<UID>/containers/<name>/<8 digits>`.
"""

import re

_ROOT = re.compile(
    r"^\d+ \d+ \d+:\d+ \S*/pods/(?P<pod>[0-9a-f-]+)/containers/(?P<name>[a-z0-9-]+)/[0-9a-f]+ ",
    re.MULTILINE,
)


def container(text: str, pod: str) -> str | None:
    """The name that the text of /proc/PID/mountinfo tells, for a process of the pod of this UID."""
    return next((found["name"] for found in _ROOT.finditer(text) if found["pod"] == pod), None)
