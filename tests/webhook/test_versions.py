import pytest

from webhook.versions import is_older, parse


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("17", (17,)),
        ("17.0.20+8", (17, 0, 20)),
        ("3.12", (3, 12)),
        ("v22.1.0", (22, 1, 0)),
        ("jdk-17.0.9+9", (17, 0, 9)),
        ("8.0.0-preview.1", (8, 0, 0)),
        ("", None),
        (None, None),
        ("latest", None),
        ("9" * 5000, (999999999,)),
    ],
)
def test_parse(text: str | None, expected: tuple[int, ...] | None) -> None:
    """The leading numbers count, and a text without any has no version."""
    assert parse(text) == expected


@pytest.mark.parametrize(
    ("version", "oldest", "older"),
    [
        ((3, 9), (3, 10), True),
        ((3, 10), (3, 10), False),
        ((3, 10, 1), (3, 10), False),
        ((3,), (3, 10), False),
        ((2,), (3, 10), True),
        ((18,), (18, 19), False),
        ((18, 18, 2), (18, 19), True),
        ((20,), (18, 19), False),
        ((7,), (8,), True),
    ],
)
def test_is_older(version: tuple[int, ...], oldest: tuple[int, ...], older: bool) -> None:
    """Only what is surely older is: a version that leaves numbers open may be new enough."""
    assert is_older(version, oldest) == older
