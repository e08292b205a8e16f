"""The value that an observation is."""

from dataclasses import dataclass

from webhook.model import Libc


@dataclass(frozen=True, slots=True)
class Observed:
    """What ran in a container: `language` is None where it is none of ours.

    `agents` names the makers of other agents that were there. `command_key` is what
    `webhook.observed.started` gives for the container that it ran in, "" where nobody said.
    """

    language: str | None
    version: str | None = None
    libc: Libc | None = None
    process: str = ""
    agents: tuple[str, ...] = ()
    command_key: str = ""
