"""The programs that a cluster is made of: where each one's source is and what it is built with.

A folder beside this file holds a Go module whose `tool` lines name the programs, and whose go.mod
and go.sum pin them and everything below them. One folder a maker: each program is built with the
versions of its dependencies that its maintainers tested.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent

VERSIONS = ("1.37", "1.30")
"""The Kubernetes versions that can run: the newest, and the oldest that is supported."""

_STRIPPED = ("-s", "-w")  # without symbols and debug information: a third smaller


@dataclass(frozen=True, slots=True)
class Program:
    """One Go program.

    `seconds` is what its build takes with nothing cached on two slow cores. `files` are what it
    needs beside it: patterns of files of its own module. `part_of` names the package of a program
    whose main function is ours and stands in `folder`.
    """

    name: str
    folder: Path
    package: str
    seconds: int
    files: tuple[str, ...] = ()
    part_of: str = ""

    @property
    def version(self) -> str:
        """The version of the module that the program is part of, as go.mod pins it: `v1.37.2`."""
        return self._required[self.module]

    @property
    def ldflags(self) -> tuple[str, ...]:
        """Flags for the linker."""
        if self.module != "k8s.io/kubernetes":
            return _STRIPPED
        # An API server that does not know its version reports v0.0.0-master: clients refuse it.
        variable = "k8s.io/component-base/version.git"
        major, minor, _ = self.version.removeprefix("v").split(".")
        facts = {"Version": self.version, "Major": major, "Minor": minor}
        stamps = (f"-X {variable}{name}={value}" for name, value in facts.items())
        return (*_STRIPPED, *stamps)

    @property
    def module(self) -> str:
        """The path of the module that the program is part of."""
        package = f"{self.part_of or self.package}/"
        return next(path for path in self._required if package.startswith(f"{path}/"))

    @property
    def _required(self) -> Mapping[str, str]:
        text = (self.folder / "go.mod").read_text()
        return dict(re.findall(r"^\s*(?:require )?(\S+\.\S+/\S+) (v\S+)", text, re.MULTILINE))


_KUBERNETES = {  # seconds for each, built in this order
    "kube-apiserver": 270,
    "kube-controller-manager": 90,
    "kube-scheduler": 10,
    "kubectl": 25,
    "kubelet": 30,
    "kube-proxy": 10,
}
_PEERS = (
    Program("etcd", HERE / "etcd", "go.etcd.io/etcd/server/v3", 40),
    # Upstream's main has every cloud's plugins. Its other modules are pinned to the versions that
    # Kubernetes has, so that what was compiled for that is not compiled again.
    Program("coredns", HERE / "coredns", ".", 60, part_of="github.com/coredns/coredns"),
    # Its files are the rules by which nodes and pods come along: without them it does nothing.
    Program(
        *("kwok", HERE / "kwok", "sigs.k8s.io/kwok/cmd/kwok", 110),
        files=tuple(
            f"kustomize/stage/{pattern}.yaml"
            for pattern in (
                "node/fast/node-*",
                "node/heartbeat-with-lease/node-*",
                "pod/fast/pod-*",
            )
        ),
    ),
)

# Of the oldest version only what tells versions apart is built. kubectl works with every server
# that the tests have, and a real node needs one version only.
_LACKING = {"1.30": {"kubectl", "kubelet", "kube-proxy"}}

SIZES = {
    "api": ("etcd", "kube-apiserver"),
    "controllers": (
        *("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"),
        "kwok",
    ),
    "node": (
        *("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"),
        *("kubelet", "kube-proxy", "coredns"),
    ),
}
"""What each size of cluster starts."""


def default_version(environ: Mapping[str, str] = os.environ) -> str:
    """`$SPANHOOK_KUBERNETES`, else the newest version. Raises ValueError for one we do not have."""
    version = environ.get("SPANHOOK_KUBERNETES") or VERSIONS[0]
    if version not in VERSIONS:
        raise ValueError(f"SPANHOOK_KUBERNETES={version}: choose from {', '.join(VERSIONS)}")
    return version


@cache
def programs(version: str) -> Mapping[str, Program]:
    """Every program for one Kubernetes version, by name."""
    newest, lacking = VERSIONS[0], _LACKING.get(version, set())
    found = {program.name: program for program in _PEERS}
    for name, seconds in _KUBERNETES.items():
        folder = HERE / f"kubernetes-{newest if name in lacking else version}"
        found[name] = Program(name, folder, f"k8s.io/kubernetes/cmd/{name}", seconds)
    return found
