"""Workloads and pods as an API server tells of them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from webhook.images.profile import (
    REVISION,
    Command,
    Learnt,
    PlatformFacts,
    Profile,
    Reference,
    write,
)
from webhook.model import Image, Namespace
from webhook.optin import LABEL
from webhook.server.cluster.profiler.index import Index, Thing
from webhook.server.cluster.profiler.objects import Lean, Pod, Workload
from webhook.server.cluster.profiler.shelf import Seen
from webhook.settings import Settings

IN = {LABEL: "enabled"}
OUT = {LABEL: "disabled"}
SHOP = Namespace("shop", IN)

OLD = f"sha256:{'1' * 64}"
NEW = f"sha256:{'2' * 64}"


def container(image: str = "registry.corp/cart:1", name: str = "app", **fields: Any) -> Any:
    """A container that does not tell its language."""
    return {"name": name, "image": image, **fields}


def template(*containers: Any, labels: Mapping[str, str] | None = None, **spec: Any) -> Any:
    """A pod template."""
    return {
        "metadata": {"labels": {"app": "cart", **(labels or {})}},
        "spec": {"containers": list(containers or (container(),)), **spec},
    }


def deployment(*containers: Any, **template_fields: Any) -> Any:
    """A Deployment."""
    return workload(template(*containers, **template_fields))


def workload(made: Any) -> Any:
    """A workload of a template."""
    metadata = {"name": "cart", "namespace": "shop", "uid": "u-1"}
    return {"metadata": metadata, "spec": {"replicas": 2, "template": made}}


def lean(document: Any) -> Lean:
    """What is kept of a workload."""
    found = msgspec.json.decode(msgspec.json.encode(document), type=Workload).lean
    assert found is not None
    return found


def lean_pod(document: Any) -> Lean:
    """What is kept of a pod."""
    found = msgspec.json.decode(msgspec.json.encode(document), type=Pod).lean
    assert found is not None
    return found


def pod(*containers: Any, running: Mapping[str, str] | None = None, **fields: Any) -> Any:
    """A pod, and what its node says it runs."""
    statuses = [{"name": name, "imageID": image} for name, image in (running or {}).items()]
    made = template(*containers, **fields)
    metadata = made["metadata"] | {"name": "cart-1", "namespace": "shop", "uid": "u-2"}
    return made | {"metadata": metadata, "status": {"containerStatuses": statuses}}


def index(namespaces: Mapping[str, Namespace] | None = None) -> Index:
    """An index of nothing yet."""
    return Index({"shop": SHOP} if namespaces is None else namespaces, Settings)


def thing(name: str = "cart", namespace: str = "shop", kind: str = "Deployment") -> Thing:
    """An object's name."""
    return Thing(kind, namespace, name)


def platform(name: str = "linux/amd64", digest: str = OLD, **image: Any) -> PlatformFacts:
    """What is known of one platform's image; keywords are the image's."""
    return PlatformFacts(name, digest, Image(**image))


def profile(
    digest: str = OLD,
    tags: Mapping[str, float] | None = None,
    *platforms: PlatformFacts,
    commands: Sequence[Command] = (),
    learnt: float = 1000.0,
    last_used: float | None = None,
    revision: int = REVISION,
) -> Profile:
    """A profile. Times are seconds since 1970."""
    return Profile(
        digest,
        tuple(Reference(name, moment(at)) for name, at in (tags or {}).items()),
        platforms or (platform(digest=digest),),
        tuple(commands),
        Learnt(moment(learnt), "0.1.0"),
        revision,
        None if last_used is None else moment(last_used),
    )


def moment(seconds: float) -> datetime:
    """A time."""
    return datetime.fromtimestamp(seconds, UTC)


def seen(one: Profile) -> Seen:
    """A profile as the watch tells it."""
    return msgspec.json.decode(msgspec.json.encode(write(one)), type=Seen)
