"""What a part of the cluster mode logs and counts, for tests to look at."""

import io
import json
from dataclasses import dataclass, field
from typing import Any

from webhook.server.logs import Log
from webhook.server.telemetry import Telemetry


@dataclass
class Recording:
    """A log and metrics of nobody's server."""

    stream: io.StringIO = field(default_factory=io.StringIO)
    telemetry: Telemetry = field(default_factory=Telemetry)
    log: Log = field(init=False)

    def __post_init__(self) -> None:
        self.log = Log(self.stream, "json", "debug")

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Everything logged."""
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]

    def said(self) -> list[tuple[str, str]]:
        """Level and message of everything logged."""
        return [(line["level"], line["message"]) for line in self.lines]

    def metric(self, name: str, **labels: str) -> float | None:
        """A metric's value."""
        return self.telemetry.registry.get_sample_value(name, labels)
