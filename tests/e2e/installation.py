"""Spanhook as people install it: its image and its manifests."""

from collections.abc import Iterator
from pathlib import Path

from tests.cluster.client import Object
from tests.cluster.node import Node
from tests.e2e.images import DEBIAN
from tests.image.building import Images
from tests.waiting import until

ROOT = Path(__file__).parents[2]
OVERLAY = ROOT / "manifests" / "overlays" / "ha"
"""Three replicas, and failurePolicy: Fail."""

NAMESPACE, NODE_NAMESPACE = "spanhook-system", "spanhook-node"
DEPLOYMENT, DAEMON_SET = "spanhook-webhook", "spanhook-node-agent"
OPTED_IN = {"spanhook.dev/instrument": "enabled"}


class CommandError(Exception):
    """kubectl ended with another code than 0; the text is what it said."""


def archives(folder: Path) -> Iterator[Path]:
    """The images that the manifests name, from the repository's Dockerfile. Raises BuildError."""
    images = Images.cached()
    yield images.archive(images.webhook(), folder / "webhook.tar")
    yield images.archive(images.node_agent(), folder / "node-agent.tar")


def install(node: Node) -> None:
    """Apply the manifests and wait until pods are decided on. Raises CommandError, TimeoutError."""
    kubectl(node, "apply", "--server-side", "--kustomize", str(OVERLAY))
    node.await_deployment(NAMESPACE, DEPLOYMENT, 120)
    until(lambda: _on_the_node(node), "the node agent", 120)
    with node.namespace(OPTED_IN) as namespace:
        until(lambda: _serves(node, namespace), "an injected pod", 60)


def uninstall(node: Node) -> None:
    """Delete what was applied and wait until it is gone. Raises CommandError."""
    kubectl(node, "delete", "--kustomize", str(OVERLAY), "--timeout=90s")


def restart(node: Node, namespace: str, deployment: str) -> None:
    """Begin to replace a Deployment's pods. Raises CommandError."""
    kubectl(node, "rollout", "restart", "--namespace", namespace, f"deployment/{deployment}")


def kubectl(node: Node, *arguments: str) -> str:
    """Run it; what it printed. Raises CommandError."""
    done = node.kubectl(*arguments)
    if done.returncode:
        raise CommandError(f"kubectl {' '.join(arguments)}:\n{done.stdout}{done.stderr}")
    return done.stdout


def is_injected(pod: Object) -> bool:
    """Whether the webhook put an agent into it."""
    return bool(pod["metadata"].get("labels", {}).get("spanhook.dev/injected") == "true")


def agent(node: Node) -> Object:
    """The node agent's pod."""
    (found,) = node.list("Pod", NODE_NAMESPACE, f"app.kubernetes.io/name={DAEMON_SET}")
    return found


def await_tracing(node: Node, service: str) -> None:
    """Wait until the node agent says that it traces a service's process. Raises TimeoutError."""
    name = agent(node)["metadata"]["name"]
    said = f"/{service}: traced: {service}, Go "
    until(
        lambda: said in kubectl(node, "logs", "--namespace", NODE_NAMESPACE, name),
        f"{service} to be traced",
        60,
    )


def _on_the_node(node: Node) -> bool:
    daemon_set = node.get("DaemonSet", DAEMON_SET, NODE_NAMESPACE) or {}
    return bool(daemon_set.get("status", {}).get("numberReady") == 1)


def _serves(node: Node, namespace: str) -> bool:
    """Whether a pod that is not stored would get its agent; refusals count as not yet."""
    container = {"name": "main", "image": DEBIAN, "command": ["python3", "-m", "http.server"]}
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "probe"},
        "spec": {"containers": [container]},
    }
    answer = node.create(pod, dry_run=True, namespace=namespace)
    return answer.status == 201 and is_injected(answer.body)
