"""Which signals leave this process, and what of the agent only serves one that does not."""

from __future__ import annotations

from collections.abc import Mapping

SIGNALS = ("TRACES", "METRICS", "LOGS")

# psutil alone takes 28 ms and 2 MB.
_ONLY_FOR = {"system_metrics": "METRICS", "logging": "LOGS"}


def on(signal: str, environ: Mapping[str, str]) -> bool:
    """Say whether a signal is exported."""
    return environ.get(f"OTEL_{signal}_EXPORTER", "otlp").strip().lower() != "none"


def options(name: str, environ: Mapping[str, str]) -> dict[str, bool] | None:
    """Return the arguments for one instrumentation, None where it has nothing to do.

    The one of `logging` puts a handler on the root logger unless told otherwise. A logger with a
    handler no longer writes warnings to stderr by itself, so there is none without logs to export.
    """
    needed = _ONLY_FOR.get(name)
    if needed is None or on(needed, environ):
        return {"skip_dep_check": True}
    if name == "logging" and environ.get("OTEL_PYTHON_LOG_CORRELATION", "").lower() == "true":
        return {"skip_dep_check": True, "enable_log_auto_instrumentation": False}
    return None
