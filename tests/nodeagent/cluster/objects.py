"""Pods and namespaces as an API server tells of them, and processes as /proc does."""

from pathlib import Path
from typing import Any

import msgspec

from nodeagent.cluster.cgroup import Place
from nodeagent.cluster.pod import PodObject
from webhook.namespaces import NamespaceObject

UID = "2c48913c-b29f-11e7-9350-020968147796"
ID = "0123456789abcdef" * 4
PLACE = Place(UID, ID)

_pod = msgspec.json.Decoder(PodObject).decode
_namespace = msgspec.json.Decoder(NamespaceObject).decode


def namespace(name: str = "shop", *, enabled: bool = True) -> NamespaceObject:
    """A namespace that is opted in, or not."""
    labels = {"spanhook.dev/instrument": "enabled"} if enabled else {}
    return _namespace(msgspec.json.encode({"metadata": {"name": name, "labels": labels}}))


def pod(uid: str = UID, identifier: str = ID, digest: str = "", **metadata: Any) -> PodObject:
    """A pod of one container, whose status has its ID unless that is empty."""
    status = {
        "name": "app",
        **({"containerID": f"containerd://{identifier}"} if identifier else {}),
        **({"imageID": f"example.com/cart@sha256:{digest}"} if digest else {}),
    }
    document = {
        "metadata": {"name": "cart-0", "namespace": "shop", "uid": uid, **metadata},
        "spec": {"nodeName": "node-1", "containers": [{"name": "app", "image": "cart:1.2"}]},
        "status": {"containerStatuses": [status]},
    }
    return _pod(msgspec.json.encode(document))


def process(
    proc: Path, pid: int, program: Path, *, place: Place | None = PLACE, began: int = 1
) -> None:
    """Let there be a process in a folder that stands for /proc; again: let it be another one."""
    folder = proc / str(pid)
    folder.mkdir(exist_ok=True)
    fields = " ".join(["0"] * 18)
    (folder / "stat").write_text(f"{pid} (app) S {fields} {began} 0\n")
    (folder / "environ").write_bytes(b"")
    group = f"/kubepods/besteffort/pod{place.pod}/{place.container}" if place else "/"
    (folder / "cgroup").write_text(f"0::{group}\n")
    (folder / "exe").unlink(missing_ok=True)
    (folder / "exe").symlink_to(program)


def mounted(proc: Path, pid: int, uid: str, name: str) -> None:
    """Let the kubelet's file of a container be mounted for a process."""
    root = f"/var/lib/kubelet/pods/{uid}/containers/{name}/0123abcd"
    (proc / str(pid) / "mountinfo").write_text(f"1 2 8:1 {root} /dev/termination-log rw - e e\n")
