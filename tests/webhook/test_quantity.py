import pytest

from webhook.quantity import MEBIBYTE, parse


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", 0),
        ("128974848", 128974848),
        (134217728, 128 * MEBIBYTE),
        ("129e6", 129e6),
        ("1E3", 1000),
        ("129M", 129e6),
        ("123Mi", 123 * MEBIBYTE),
        ("0.5Gi", 512 * MEBIBYTE),
        (".5Gi", 512 * MEBIBYTE),
        ("100k", 1e5),
        ("100Ki", 102400),
        ("1T", 1e12),
        ("1P", 1e15),
        ("1E", 1e18),
        ("1Ei", 2**60),
        ("250m", 0.25),
        ("128974848000m", 128974848),
        ("100n", 1e-7),
        ("5u", 5e-6),
        ("-1", -1),
        ("+1", 1),
        (" 64Mi ", 64 * MEBIBYTE),
        ("64MB", None),
        ("64mi", None),
        ("64K", None),
        ("", None),
        ("Mi", None),
        (None, None),
    ],
)
def test_parse(text: object, expected: float | None) -> None:
    """A quantity is read as Kubernetes reads it; what is none gives nothing."""
    assert parse(text) == (None if expected is None else pytest.approx(expected))
