"""Agents that are already there: another vendor's, or OpenTelemetry set up by somebody else."""

from webhook.vendors.agent import Agent
from webhook.vendors.search import VALUES, find, loading, loads

__all__ = ["VALUES", "Agent", "find", "loading", "loads"]
