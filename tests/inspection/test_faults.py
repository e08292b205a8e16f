"""Why an image is not known."""

import pytest

from inspection.faults import absence
from registry.errors import ERRORS, RegistryError, TimedOut
from webhook.reasons import Reason


def made(kind: type[RegistryError]) -> RegistryError:
    """A fault of a family, whatever else it wants to know."""
    try:
        return kind("registry.corp/x is not there")
    except TypeError:
        return kind("registry.corp/x is not there", 5)  # type: ignore[call-arg]


@pytest.mark.parametrize("kind", ERRORS)
def test_every_fault_has_a_reason(kind: type[RegistryError]) -> None:
    """What only came too late is pending, anything else is unreachable; the message says what."""
    found = absence(made(kind))

    expected = Reason.IMAGE_PENDING if kind is TimedOut else Reason.IMAGE_UNREACHABLE
    assert found.reason is expected
    assert found.message.startswith("registry.corp/x is not there; ")
    assert kind.advice in found.message


def test_mirrors_before_it_are_named() -> None:
    """What mirrors answered stands behind it."""
    error = TimedOut("registry.corp/x: no answer")
    error.add_note("mirror.corp/x before it: is not there")

    assert absence(error).message.endswith("; mirror.corp/x before it: is not there")
