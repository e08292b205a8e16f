"""Rows of tests about agents that are already there."""

from collections.abc import Mapping

import pytest

from webhook import vendors

Variables = Mapping[str, str | None]
OTEL, SELF = "OpenTelemetry", "/spanhook"


def found(language: str, argv: tuple[str, ...], variables: Variables) -> str | None:
    """The vendor of the agent, with `*` where it is OpenTelemetry's or built on it."""
    agent = vendors.find(language, argv, variables)
    return agent.vendor + "*" * agent.opentelemetry if agent else None


def option(name: str, value: str | None, expected: str | None) -> object:
    """One row: a variable and the vendor that it tells."""
    return pytest.param({name: value}, expected, id=f"{name}={value}"[:90])
