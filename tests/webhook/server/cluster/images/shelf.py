"""A real registry that counts who asks, and the webhook's settings, pods and profiles for it."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.cluster import Cluster
from tests.registry import images
from tests.registry.debian import Running as Registry
from tests.registry.pushing import push

Json = dict[str, Any]
_REQUEST = re.compile(r'"(?:GET|HEAD) /v2/')


@dataclass(frozen=True, slots=True)
class Shelf:
    """A registry, and the log that it keeps of who asks."""

    registry: Registry
    log: Path

    @property
    def host(self) -> str:
        """Its name, with the port."""
        return self.registry.host

    def put(self, repository: str, **config: Any) -> tuple[str, str]:
        """Push an image of two platforms; its reference and its digest."""
        made = {
            f"linux/{one}": images.image(
                images.layer({f"app/{repository}": b"x"}),
                configuration=images.config(one, **config),
            )
            for one in ("amd64", "arm64")
        }
        index = images.index(made)
        push(self.registry.url, repository, index, "1")
        return f"{self.host}/{repository}:1", index.index.digest

    def requests(self) -> int:
        """How often it was asked for something."""
        return len(_REQUEST.findall(self.log.read_text()))


def settings(host: str, **inspection: Any) -> str:
    """The settings' document for a registry at loopback."""
    fields = {"plainHttp": [host], "local": [host], "deadline": 2.5} | inspection
    return json.dumps({"imageInspection": fields})


def configured(folder: Path, host: str, **inspection: Any) -> Path:
    """The settings as a file."""
    file = folder / "settings.yaml"
    file.write_text(settings(host, **inspection))
    return file


def pod(image: str, **metadata: Any) -> Json:
    """A pod of which only the image tells anything."""
    return {
        "metadata": {"generateName": "cart-"} | metadata,
        "spec": {"containers": [{"name": "app", "image": image}]},
    }


def profile(cluster: Cluster, digest: str) -> Json | None:
    """The ImageProfile of a digest."""
    return cluster.get("imageprofiles", digest.replace(":", "-"))
