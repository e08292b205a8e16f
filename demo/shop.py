"""The shop on this machine: its pods admitted by the webhook, then started."""

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from demo.admission import Webhook
from demo.decisions import Row, rows
from demo.environment import ConfigError
from demo.images import LocalImage, shop_configs
from demo.kubelet import Node, RunningPod, start, wait_ready
from demo.network import Network, container_ports, lay_out
from demo.pods import admitted, pod_of
from demo.ports import free_ports
from demo.processes import Children, StartError
from demo.provision import Missing
from demo.runtimes import LANGUAGES
from demo.runtimes.model import Prepared
from demo.workloads import Manifests
from webhook.language import FILES
from webhook.languages import BY_NAME

NAMESPACE = "shop"
_READY_SECONDS = 60

Pod = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Admission:
    """What the webhook made of the shop, and what it said.

    `pods` are those that would be stored, `plain` what they would be without the webhook.
    """

    pods: Mapping[str, Pod]
    plain: Mapping[str, Pod]
    operations: Mapping[str, tuple[Mapping[str, Any], ...]]
    rows: tuple[Row, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Started:
    """A service that runs: after how many seconds it was ready, and whether with its agent."""

    pod: RunningPod
    seconds: float
    as_admitted: bool


def admit(manifests: Manifests, webhook: Webhook) -> Admission:
    """Every Deployment's pod through the webhook. Raises ReviewError, OSError."""
    pods: dict[str, Pod] = {}
    plain: dict[str, Pod] = {}
    operations: dict[str, tuple[Mapping[str, Any], ...]] = {}
    decided = list[Row]()
    warnings = list[str]()
    for deployment in manifests.deployments:
        name, asked = deployment["metadata"]["name"], pod_of(deployment)
        answer = webhook.mutate(asked, NAMESPACE)
        pods[name] = admitted(answer.pod, NAMESPACE)
        plain[name] = admitted(asked, NAMESPACE)
        operations[name] = answer.operations
        decided += rows(name, asked, answer, NAMESPACE)
        warnings += (f"{name}: {warning}" for warning in answer.warnings)
    return Admission(pods, plain, operations, tuple(decided), tuple(warnings))


def network_of(pods: Mapping[str, Pod], manifests: Manifests) -> Network:
    """A port of this machine for everything that the pods listen on."""
    count = sum(len(container_ports(pod)) for pod in pods.values())
    return lay_out(pods, manifests.services, NAMESPACE, free_ports(count))


def node_of(
    root: Path,
    manifests: Manifests,
    prepared: Mapping[str, Prepared | Missing],
    network: Network,
    children: Children,
) -> Node:
    """The node that the shop's pods are bound to."""
    return Node(
        root=root,
        images=_images(prepared),
        network=network,
        config_maps=manifests.config_maps,
        secrets=manifests.secrets,
        children=children,
    )


def open_shop(
    admission: Admission,
    node: Node,
    prepared: Mapping[str, Prepared | Missing],
    opened: Callable[[str, Started | Missing], None],
) -> Mapping[str, Started | Missing]:
    """Start everything at once, the slowest first; `opened` hears of each as it becomes ready."""

    def run(service: str) -> Started | Missing:
        outcome = _run(service, admission, node, prepared[service])
        if not node.children.closed:  # what failed because everything is being stopped is no news
            opened(service, outcome)
        return outcome

    services = [language.service for language in LANGUAGES]
    pool = ThreadPoolExecutor(max_workers=len(services), thread_name_prefix="start")
    try:
        return dict(zip(services, pool.map(run, services), strict=True))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _run(
    service: str, admission: Admission, node: Node, prepared: Prepared | Missing
) -> Started | Missing:
    if isinstance(prepared, Missing):
        return prepared
    pod, began = admission.pods[service], time.monotonic()
    # An agent that comes as an image only (.NET) cannot be copied here: the service runs as it was.
    deliverable = all(c["image"] in node.images for c in pod["spec"].get("initContainers") or ())
    if not deliverable:
        pod = admission.plain[service]
    try:
        running = start(service, pod, node)
        wait_ready(running, began + _READY_SECONDS)
    except (StartError, ConfigError) as error:
        return Missing(str(error))
    return Started(running, time.monotonic() - began, deliverable)


def _images(prepared: Mapping[str, Prepared | Missing]) -> dict[str, LocalImage]:
    """What stands for which image: the shop's own, and those of the agents."""
    configs = shop_configs()
    images: dict[str, LocalImage] = {}
    for language in LANGUAGES:
        outcome = prepared[language.service]
        if isinstance(outcome, Missing):
            continue
        reference = f"shop/{language.service}:1.0.0"
        images[reference] = replace(outcome.image, config=configs[reference])
        if outcome.agent:
            image = BY_NAME[language.name].image
            images[image] = LocalImage(files={FILES: outcome.agent})
    return images
