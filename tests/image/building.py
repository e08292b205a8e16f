"""Images built without a registry: buildah in a storage of its own, on a base made by debootstrap.

Needs root, `buildah` and `debootstrap`. All is kept in the per-user cache: what did not change is
not built again.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agents.cache import directory
from demo.cache import Cache

ROOT = Path(__file__).parents[2]

SUITE, OLDER = "trixie", "bookworm"
PACKAGES = ("python3", "python3-venv", "ca-certificates")
_NAME = "localhost/spanhook-base"
BASE = f"{_NAME}:{SUITE}"
"""Debian with Python: what stands for the official Python image."""
WEBHOOK = "ghcr.io/spanhook/webhook:0.1.0"
NODE_AGENT = "ghcr.io/spanhook/node-agent:0.1.0"

_TOOLS = ("buildah", "debootstrap")
_AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")


class BuildError(Exception):
    """A command failed; the text has its last lines."""


def missing() -> str | None:
    """Why no image can be built here; None where one can."""
    if os.geteuid() != 0:
        return "building images without a registry needs root"
    absent = [tool for tool in _TOOLS if shutil.which(tool) is None]
    return f"needs {' and '.join(absent)}" if absent else None


@dataclass(frozen=True, slots=True)
class Images:
    """The images in the storage below `root`."""

    root: Path

    @classmethod
    def cached(cls) -> "Images":
        """Those of this user's cache."""
        return cls(directory().expanduser().absolute() / "images")

    def base(self, suite: str = SUITE) -> str:
        """The name of the base image, which is made on the first call (half a minute)."""
        name = f"{_NAME}:{suite}"
        if not self.has(name):
            folder = Cache(self.root).folder(
                "base", (suite, *PACKAGES), lambda into: _debootstrap(into, suite)
            )
            self.load(folder / "root", name)
        return name

    def has(self, name: str) -> bool:
        """Whether an image of this name is there."""
        return self._buildah("images", "--quiet", "--filter", f"reference={name}") != ""

    def load(self, files: Path, name: str, **config: str) -> None:
        """Make an image of a directory or a tar; `config` as options of `buildah config`."""
        container = self._buildah("from", "scratch")
        try:
            self._buildah("add", "--quiet", container, str(files), "/")
            for option, value in config.items():
                self._buildah("config", f"--{option}", value, container)
            self._buildah("commit", "--quiet", container, name)
        finally:
            self._buildah("rm", container)

    def build(
        self,
        name: str,
        *,
        file: Path = ROOT / "Dockerfile",
        context: Path = ROOT,
        target: str | None = None,
        arguments: Mapping[str, str] | None = None,
    ) -> str:
        """Build a Dockerfile under this name; its own layers are the cache.

        Raises BuildError.
        """
        given = [f"--build-arg={key}={value}" for key, value in (arguments or {}).items()]
        if target is not None:
            given.append(f"--target={target}")
        self._buildah(
            "build", "--layers", "--force-rm", "--pull-never", "--format=oci", "--network=host",
            *self._machine(), *given, f"--file={file}", f"--tag={name}", str(context),
        )  # fmt: skip
        return name

    def webhook(self) -> str:
        """Build the webhook's image on the base; its name."""
        arguments = {"PYTHON_IMAGE": self.base()}
        return self.build(WEBHOOK, target="webhook", arguments=arguments)

    def node_agent(self) -> str:
        """Build the node agent's image on the base of its Dockerfile's release; its name."""
        arguments = {"DEBIAN_IMAGE": self.base(OLDER)}
        return self.build(NODE_AGENT, target="node-agent", arguments=arguments)

    def archive(self, name: str, into: Path) -> Path:
        """Write an image as an OCI archive that names it; `ctr images import` takes it."""
        self._buildah("push", "--quiet", name, f"oci-archive:{into}:{name}")
        return into

    def config(self, name: str) -> dict[str, Any]:
        """An image's configuration as OCI has it: `User`, `Env`, `Entrypoint`, `Labels`."""
        inspected = json.loads(self._buildah("inspect", "--type", "image", name))
        found: dict[str, Any] = inspected["OCIv1"]["config"]
        return found

    @contextmanager
    def mounted(self, name: str) -> Iterator[Path]:
        """A container's own copy of an image's files, gone at the end."""
        container = self._buildah("from", "--pull-never", name)
        try:
            yield Path(self._buildah("mount", container))
        finally:
            self._buildah("rm", container)

    def _machine(self) -> tuple[str, str]:
        """How this machine reaches packages, for the build only: its authorities, pip's mirrors."""
        self.root.mkdir(parents=True, exist_ok=True)
        configuration = self.root / "pip.conf"
        configuration.write_text(
            _pip_configuration(_run(sys.executable, "-m", "pip", "config", "list"))
        )
        return (
            f"--volume={_AUTHORITIES}:{_AUTHORITIES}:ro",
            f"--secret=id=pip.conf,src={configuration}",
        )

    def _buildah(self, *arguments: str) -> str:
        """Run buildah; its standard output."""
        place = (f"--root={self.root / 'store'}", f"--runroot={self.root / 'run'}")
        environ = os.environ | {"BUILDAH_ISOLATION": "chroot"}
        return _run("buildah", *place, "--storage-driver=overlay", *arguments, environ=environ)


def _debootstrap(folder: Path, suite: str) -> None:
    root = folder / "root"
    packages = f"--include={','.join(PACKAGES)}"
    _run("debootstrap", "--variant=minbase", packages, suite, str(root), *_mirror())
    for left in ("var/cache/apt/archives", "var/lib/apt/lists"):
        shutil.rmtree(root / left)
        (root / left).mkdir()


def _mirror() -> list[str]:
    """The mirror that this machine installs from, where it has one: it has other suites, too."""
    said = _run("apt-get", "indextargets", "--format", "$(SITE)", "Label: Debian")
    return said.splitlines()[:1]


def _pip_configuration(listed: str) -> str:
    """A configuration file with this machine's indexes, from what `pip config list` prints."""
    settings = (line.partition("=") for line in listed.splitlines())
    indexes = [
        f"{key.rpartition('.')[2]} = {value.strip(chr(39))}"
        for key, _, value in settings
        if key.endswith("index-url")
    ]
    return "\n".join(["[global]", f"cert = {_AUTHORITIES}", *indexes, ""])


def _run(*command: str, environ: Mapping[str, str] = os.environ) -> str:
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=environ)
    if done.returncode != 0:
        last = "\n".join((done.stdout + done.stderr).splitlines()[-15:])
        raise BuildError(f"{' '.join(command[:5])} … ended with {done.returncode}:\n{last}")
    return done.stdout.strip()
