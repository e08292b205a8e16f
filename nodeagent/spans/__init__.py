"""Spans of what probes saw: by OpenTelemetry's semantic conventions, in its SDK's types."""
