"""The node agent beside the shop: the command's own process, which traces Go from the kernel."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from demo.processes import Child, Children, StartError
from demo.provision import Missing
from demo.shop import Started
from webhook import status

_AGENT = (sys.executable, "-m", "console", "node-agent")
_CHECK_SECONDS = 60
_TRACE_SECONDS = 60
_INTERVAL = 0.05
# What the agent says: `no  NAME: WHY` of what lacks, and of a process whether it traces it.
_LACKS = "no "
_TRACES, _DOES_NOT = "tracing process", "is not traced: "


@dataclass(frozen=True, slots=True)
class Target:
    """A process that is to be traced, and its service's name as the webhook wrote it on the pod."""

    service: str
    process: int


@dataclass(frozen=True, slots=True)
class Tracing:
    """An agent that traces a process: its own, and after how many seconds it did."""

    target: Target
    child: Child
    seconds: float

    @property
    def fault(self) -> str | None:
        """Why nothing more is to be expected of it; None while it traces."""
        if not self.child.ended:
            return None
        return f"the node agent ended: {_last(self.child.last_words())}"


@dataclass(frozen=True, slots=True)
class NodeAgent:
    """The command, and how many seconds it may take until it traces."""

    command: Sequence[str] = _AGENT
    seconds: float = _TRACE_SECONDS

    def check(self) -> Missing | None:
        """What this machine lacks for tracing, by `--check`; None where it lacks nothing."""
        try:
            done = subprocess.run(
                [*self.command, "--check"],
                env=_environ(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                timeout=_CHECK_SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return Missing(str(error))
        if done.returncode == 0:
            return None
        lacking = [line for line in done.stdout.splitlines() if line.startswith(_LACKS)]
        # The first is the one to begin with: others may follow from it.
        return Missing(lacking[0].partition(": ")[2] if lacking else _last(done.stdout))

    def trace(
        self, wanted: Target, endpoint: str, children: Children, folder: Path
    ) -> Tracing | Missing:
        """Start an agent for a process, and wait until it traces it.

        It is told the name, which on a node it reads from the pod.
        """
        options = {
            "--pid": str(wanted.process),
            "--service-name": wanted.service,
            "--endpoint": endpoint,
        }
        words = [word for option in options.items() for word in option]
        argv, log = [*self.command, "--standalone", *words], folder / "node-agent.log"
        began = time.monotonic()
        try:
            child = children.start("node agent", argv, env=_environ(), cwd=folder, log=log)
        except StartError as error:
            return Missing(str(error))
        while _TRACES not in (said := log.read_text(errors="replace")):
            if _DOES_NOT in said:
                return Missing(said.partition(_DOES_NOT)[2].splitlines()[0])
            if child.ended:
                return Missing(_last(child.last_words()))
            if time.monotonic() > began + self.seconds:
                child.terminate()
                return Missing(f"it did not begin to trace within {self.seconds:.0f} s")
            time.sleep(_INTERVAL)
        return Tracing(wanted, child, time.monotonic() - began)


def target(pod: Mapping[str, Any], started: Started | Missing) -> Target | Missing:
    """What is to be traced of a pod that was admitted: its first container in Go."""
    if isinstance(started, Missing):
        return started
    if (pod["metadata"].get("labels") or {}).get(status.EBPF) != "go":
        return Missing("the webhook did not label its pod")
    written = status.read(pod) or {}
    services = {
        entry["name"]: entry["service"]
        for entry in written.get("containers", ())
        if entry.get("language") == "go"
    }
    return next(
        Target(services[container.name], container.child.popen.pid)
        for container in started.pod.containers
        if container.name in services
    )


def _environ() -> Mapping[str, str]:
    """Ours without what is meant for other agents, receivers and proxies."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("OTEL_") and not name.lower().endswith("_proxy")
    }


def _last(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return lines[-1] if lines else "it did not say why"
