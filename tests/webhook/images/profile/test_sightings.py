"""Times that others' clocks tell."""

from webhook.images.profile.sightings import SKEW, believed

NOW = 1_700_000_000.0


def test_believed() -> None:
    """What was seen was seen, and a little ahead is a clock; what is yet to come is nobody's."""
    assert believed(NOW - 1, NOW) == NOW - 1
    assert believed(NOW + SKEW, NOW) == NOW + SKEW
    assert believed(NOW + SKEW + 1, NOW) == 0
