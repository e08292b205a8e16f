"""What an agent that is already there is known by."""

from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Agent:
    """An agent that is already there. `sign` is a phrase that says what was seen where."""

    vendor: str
    sign: str
    opentelemetry: bool


class Trace(NamedTuple):
    """What a text gives away: whose agent it loads, and by which words (`seen`)."""

    vendor: str
    seen: str
    opentelemetry: bool = False


OPENTELEMETRY = "OpenTelemetry"
OURS = "/spanhook/"
"""What lies here is our own agent, put there by an earlier call of this webhook."""
