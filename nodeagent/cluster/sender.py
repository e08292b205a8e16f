"""Where a node's spans go: to the address that was given, else the settings' `endpoint`."""

import os
import re
import threading
from collections.abc import Callable, Mapping, Sequence

from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from nodeagent.spans.exporter import Exporter
from webhook.settings import Settings

_VARIABLE = re.compile(r"\$\((\w+)\)")


class Sender(SpanExporter):
    """Sends to an OTLP receiver that may become another. Safe for use by several threads.

    Without `fixed` there is none before the first settings; nothing is traced before these either.
    """

    def __init__(
        self,
        fixed: str | None,
        say: Callable[[str], None],
        environ: Mapping[str, str] = os.environ,
        make: Callable[[str], SpanExporter] = Exporter,
    ) -> None:
        self._fixed = fixed
        self._say = say
        self._environ = environ
        self._make = make
        self._lock = threading.Lock()
        self._endpoint = ""
        self._exporter: SpanExporter | None = None
        if fixed is not None:
            self._turn(fixed)

    def take(self, settings: Settings) -> None:
        """Send to their endpoint from now on, where no other was given."""
        endpoint = _expanded(settings.endpoint, self._environ)
        if self._fixed is None and endpoint != self._endpoint:
            self._turn(endpoint)
            self._say(f"spans are sent to {endpoint}")

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send a batch to where spans go now."""
        with self._lock:
            exporter = self._exporter
        return exporter.export(spans) if exporter else SpanExportResult.FAILURE

    def shutdown(self) -> None:
        """Send nothing any more."""
        with self._lock:
            exporter, self._exporter = self._exporter, None
        if exporter is not None:
            exporter.shutdown()

    def _turn(self, endpoint: str) -> None:
        exporter = self._make(f"{endpoint.rstrip('/')}/v1/traces")
        with self._lock:
            before, self._exporter, self._endpoint = self._exporter, exporter, endpoint
        if before is not None:
            before.shutdown()  # a batch that it tries again is one that is lost, and counted


def _expanded(text: str, environ: Mapping[str, str]) -> str:
    """With the variables that it names as Kubernetes writes them, `$(SPANHOOK_NODE_IP)`."""
    return _VARIABLE.sub(lambda match: environ.get(match[1], match[0]), text)
