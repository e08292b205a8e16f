"""Times as the API has them: text in RFC 3339, with a datetime of a known zone on our side."""

from datetime import UTC, datetime


def micro(time: datetime) -> str:
    """As a MicroTime: Leases and Events have six digits after the second, always."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def parse(text: object) -> datetime | None:
    """A time of either kind, with or without digits after the second; None for anything else."""
    try:
        time = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return None if time is None or time.tzinfo is None else time
