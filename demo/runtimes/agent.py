"""The agents: the folders that the agent images deliver."""

from pathlib import Path

from agents.build import cached
from demo.runtimes.model import Workshop


def agent(
    workshop: Workshop, language: str, *, python: Path | None = None, node: Path | None = None
) -> Path:
    """The content of the agent image's ``/autoinstrumentation``, to be read only.

    Raises agents.command.BuildError.
    """
    workshop.say("looking for the agent")
    return cached(language, python=python, node=node, progress=workshop.say)
