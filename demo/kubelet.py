"""What a kubelet does for an admitted pod, with processes in place of containers."""

import http.client
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from demo.containers import process
from demo.environment import Sources
from demo.images import LocalImage
from demo.network import Network, target_port
from demo.ports import LOOPBACK
from demo.processes import Child, Children, StartError
from demo.translation import Translation
from demo.volumes import make_volumes, mounts

_SYSTEM_PATH = "/usr/local/bin:/usr/bin:/bin"
_INIT_SECONDS = 60
_PROBE_INTERVAL = 0.1

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Node:
    """A node that is no machine of its own.

    `root`: where its pods get their folders. `images`: what stands for which image.
    """

    root: Path
    images: Mapping[str, LocalImage]
    network: Network
    config_maps: Mapping[str, Mapping[str, str]]
    secrets: Mapping[str, Mapping[str, str]]
    children: Children


@dataclass(frozen=True, slots=True)
class RunningContainer:
    """A container that was started; `probe` is the address and path that its readiness asks."""

    name: str
    child: Child
    probe: tuple[int, str] | None


@dataclass(frozen=True, slots=True)
class RunningPod:
    """A pod that was started: when (nanoseconds since 1970), and what of it has no image here."""

    workload: str
    started: int
    containers: tuple[RunningContainer, ...]
    left_out: tuple[str, ...]


def start(workload: str, pod: Json, node: Node) -> RunningPod:
    """Run the init containers to their end, then start the containers.

    Raises ConfigError or StartError, and StartError where none of the containers has an image here.
    """
    folder = node.root / pod["metadata"]["name"]
    folder.mkdir()
    sources = Sources(pod, node.config_maps, node.secrets)
    place = _Place(workload, node, folder, sources, make_volumes(pod, folder / "volumes", sources))
    for container in pod["spec"].get("initContainers") or ():
        _run_init(place, container)
    here = [c for c in pod["spec"]["containers"] if c["image"] in node.images]
    if not here:
        raise StartError(f"{workload}: no container of it can run here")
    return RunningPod(
        workload,
        time.time_ns(),
        tuple(_start(place, container) for container in here),
        tuple(c["name"] for c in pod["spec"]["containers"] if c not in here),
    )


def wait_ready(pod: RunningPod, deadline: float) -> None:
    """Ask every container's readiness probe until it answers 2xx or 3xx.

    `deadline` is a time of time.monotonic(). Raises StartError when a container ends or it passes.
    """
    for container in pod.containers:
        while not _ready(container):
            if container.child.ended:
                words = container.child.last_words()
                raise StartError(f"{container.name} ended before it was ready:\n{words}")
            if time.monotonic() > deadline:
                words = container.child.last_words()
                raise StartError(f"{container.name} did not become ready:\n{words}")
            time.sleep(_PROBE_INTERVAL)


@dataclass(frozen=True, slots=True)
class _Place:
    workload: str
    node: Node
    folder: Path
    sources: Sources
    volumes: Mapping[str, Path]

    def start(self, container: Json) -> Child:
        image = self.node.images.get(container["image"])
        if image is None:
            raise StartError(f"{container['name']}: nothing stands for {container['image']} here")
        translation = Translation(
            paths={**image.files, **mounts(container, self.volumes)},
            services=self.node.network.services,
            listeners=self.node.network.listeners[self.workload],
        )
        there = process(container, image.config, self.sources)
        here = translation.process(there)
        home = self.folder / "home"
        home.mkdir(exist_ok=True)
        working_dir = Path(here.working_dir)
        return self.node.children.start(
            container["name"],
            here.argv,
            env={**here.env, "HOME": str(home), "TMPDIR": str(home), "PATH": _path(image)},
            cwd=working_dir if here.working_dir != there.working_dir else self.folder,
            log=self.folder / f"{container['name']}.log",
        )


def _path(image: LocalImage) -> str:
    """The programs that stand for those in the folders of the image's own PATH, then ours."""
    return ":".join([*map(str, image.programs), _SYSTEM_PATH])


def _run_init(place: _Place, container: Json) -> None:
    child = place.start(container)
    if child.end(_INIT_SECONDS) != 0:
        raise StartError(f"init container {container['name']} failed:\n{child.last_words()}")


def _start(place: _Place, container: Json) -> RunningContainer:
    child = place.start(container)
    ports = place.node.network.listeners[place.workload]
    return RunningContainer(container["name"], child, _probe(place.sources.pod, container, ports))


def _probe(pod: Json, container: Json, ports: Mapping[int, int]) -> tuple[int, str] | None:
    request = (container.get("readinessProbe") or {}).get("httpGet")
    if request is None:
        return None
    port = target_port(pod, request["port"])
    if port is None or port not in ports:
        return None
    return ports[port], request.get("path", "/")


def _ready(container: RunningContainer) -> bool:
    if container.probe is None:
        return True
    port, path = container.probe
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=1)
    try:
        connection.request("GET", path)
        return connection.getresponse().status < http.HTTPStatus.BAD_REQUEST
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
