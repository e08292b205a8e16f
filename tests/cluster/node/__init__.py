"""Size `node`: a real node, on which containers run.

    with cluster("node") as c:
        c.load(IMAGES)
        c.apply(PODS)

The whole cluster lives in a network namespace of its own, and the calling thread is inside until
the block ends: cluster IPs and pods answer it. From a shell: `nsenter --net=/run/netns/NAME`, with
the name and the kubeconfig that `str(c)` says.
"""

from tests.cluster.node.machine import obstacles
from tests.cluster.node.node import Node, running

__all__ = ["Node", "obstacles", "running"]
