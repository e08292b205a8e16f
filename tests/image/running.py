"""A container of an image, by runc: the root read-only, given capabilities, no new privileges."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from demo.processes import Child
from tests.cluster.processes import start

_STOP_SECONDS = 20.0
_NOTHING: Mapping[str, Path] = {}
_SYS = {
    "destination": "/sys",
    "type": "bind",
    "source": "/sys",
    "options": ["rbind", "ro", "nosuid", "noexec", "nodev"],
}


def missing() -> str | None:
    """Why no container runs here; None where one does."""
    return None if shutil.which("runc") else "needs runc"


@dataclass(frozen=True, slots=True)
class Container:
    """A running container; `child` is runc, which passes signals on and ends as it ends."""

    child: Child
    name: str
    state: Path

    def execute(self, *command: str) -> None:
        """Run a command in it. Raises CalledProcessError."""
        subprocess.run(["runc", "--root", self.state, "exec", self.name, *command], check=True)


@contextmanager
def container(
    root: Path,
    arguments: Sequence[str],
    image: dict[str, Any],
    folder: Path,
    *,
    readonly: bool = True,
    mounts: Mapping[str, Path] = _NOTHING,
    capabilities: Sequence[str] = (),
    host_processes: bool = False,
) -> Iterator[Container]:
    """Run `arguments` on the files in `root` as `image`'s user with its environment.

    `image`: the configuration of the image. `folder` takes the bundle and the log. `mounts`: this
    machine's folders by their place in the container, read-only. `capabilities`: without `CAP_`.
    `host_processes`: it sees the machine's, as with hostPID. The network is the machine's; `/tmp`
    is a small tmpfs, as in the Deployment. Ended with SIGTERM.
    """
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["runc", "spec", "--bundle", folder], check=True)
    file = folder / "config.json"
    bundle = _restricted(json.loads(file.read_text()), image, arguments)
    held = [f"CAP_{name}" for name in capabilities]
    bundle["process"]["capabilities"] = dict.fromkeys(("bounding", "effective", "permitted"), held)
    if host_processes:
        bundle["linux"]["namespaces"] = [
            one for one in bundle["linux"]["namespaces"] if one["type"] != "pid"
        ]
        bundle["mounts"].append(_SYS)
    for place, source in mounts.items():
        options = ["bind", "ro"]
        one = {"destination": place, "type": "bind", "source": str(source), "options": options}
        bundle["mounts"].append(one)
    file.write_text(json.dumps(bundle | {"root": {"path": str(root), "readonly": readonly}}))
    name, state = f"spanhook-{os.getpid()}-{folder.name}", folder / "state"
    command = ["runc", "--root", str(state), "run", "--bundle", str(folder), name]
    # runc passes SIGTERM on; killed, it would leave the container behind.
    child = start(name, command, folder, folder / "log", farewell="TERM")
    try:
        yield Container(child, name, state)
    finally:
        child.terminate()
        child.end(_STOP_SECONDS)
        delete = ["runc", "--root", str(state), "delete", "--force", name]
        subprocess.run(delete, check=False, stderr=subprocess.DEVNULL)


def _restricted(
    bundle: dict[str, Any], image: dict[str, Any], arguments: Sequence[str]
) -> dict[str, Any]:
    user, group = map(int, image["User"].split(":"))
    process = bundle["process"] | {
        "terminal": False,
        "user": {"uid": user, "gid": group},
        "args": [*image["Entrypoint"], *arguments],
        "env": image["Env"],
        "noNewPrivileges": True,
        "rlimits": [],  # a machine's own may be lower than runc's
    }
    process["cwd"] = image.get("WorkingDir") or "/"
    namespaces = [one for one in bundle["linux"]["namespaces"] if one["type"] != "network"]
    # Neither is there for a process without a network namespace of its own.
    mounts = [one for one in bundle["mounts"] if not one["destination"].startswith("/sys")]
    options = ["nosuid", "nodev", "mode=1777", "size=1m"]
    mounts.append({"destination": "/tmp", "type": "tmpfs", "source": "tmpfs", "options": options})
    linux = bundle["linux"] | {"namespaces": namespaces}
    return bundle | {
        "process": process,
        "mounts": mounts,
        "linux": linux,
    }
