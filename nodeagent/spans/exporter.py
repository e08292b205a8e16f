"""The SDK's exporter, its connection and its retries; the bytes are our own encoder's."""

from collections.abc import Sequence

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExportResult

from nodeagent.spans.encoding import encode


class Exporter(OTLPSpanExporter):
    """Sends spans over OTLP."""

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send a batch, again where it may help, for at most ten seconds."""
        # Its own since 1.45; an exporter without it sends as it always did.
        client = getattr(self, "_client", None)
        if client is None:
            return super().export(spans)
        sent = client.export(encode(spans)).success
        return SpanExportResult.SUCCESS if sent else SpanExportResult.FAILURE
