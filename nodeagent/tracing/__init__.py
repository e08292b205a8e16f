"""Tracing of running processes: which binaries they run, probes attached, spans made and sent."""
