"""From a container of a pod and its image to the process that runs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from demo.environment import Sources, environment
from demo.expansion import expand
from demo.images import ImageConfig


@dataclass(frozen=True, slots=True)
class Process:
    """What is executed, in the container's own words: its paths, names and ports."""

    argv: tuple[str, ...]
    env: Mapping[str, str]
    working_dir: str


def process(container: Mapping[str, Any], image: ImageConfig, sources: Sources) -> Process:
    """What the kubelet and the container runtime would start.

    `command` replaces the image's Entrypoint *and* Cmd, `args` alone replaces Cmd. Both are
    expanded with the pod's variables only: the kubelet does not see the image's own.

    Raises ConfigError where a variable cannot be had or nothing is left to start.
    """
    variables = environment(container, sources)
    command = [expand(word, variables) for word in container.get("command") or ()]
    args = [expand(word, variables) for word in container.get("args") or ()]
    return Process(
        argv=_argv(command, args, image),
        env={**image.env, "HOSTNAME": sources.pod["metadata"]["name"], **variables},
        working_dir=container.get("workingDir") or image.working_dir,
    )


def _argv(command: list[str], args: list[str], image: ImageConfig) -> tuple[str, ...]:
    if command:
        return (*command, *args)
    return (*image.entrypoint, *(args or image.cmd))
