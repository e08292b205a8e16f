from datetime import UTC, datetime, timedelta, timezone

import pytest

from kube.times import micro, parse

TIME = datetime(2026, 11, 23, 12, 0, 5, tzinfo=UTC)


def test_micro() -> None:
    """The digits are six though they are naught, and the zone is UTC though ours is another."""
    east = timezone(timedelta(hours=2))

    assert micro(TIME) == "2026-11-23T12:00:05.000000Z"
    assert micro(TIME.astimezone(east)) == "2026-11-23T12:00:05.000000Z"
    assert parse(micro(TIME.replace(microsecond=42))) == TIME.replace(microsecond=42)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-11-23T12:00:05Z", TIME),
        ("2026-11-23T14:00:05.000000+02:00", TIME),
        # A time of no known zone could not be compared with any other.
        ("2026-11-23T12:00:05", None),
        ("yesterday", None),
        ("", None),
        (None, None),
        (5, None),
    ],
)
def test_parse(text: object, time: datetime | None) -> None:
    """What is no time of the API is None, whatever it is."""
    assert parse(text) == time
