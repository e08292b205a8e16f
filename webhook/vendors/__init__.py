"""Agents that are already there: another vendor's, or OpenTelemetry set up by somebody else."""

from webhook.vendors.agent import Agent
from webhook.vendors.search import find

__all__ = ["Agent", "find"]
