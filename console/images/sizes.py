"""Numbers as people read them."""

_UNITS = ("B", "KiB", "MiB", "GiB")
_STEP = 1024
_WHOLE = 100


def size(count: int) -> str:
    """Bytes, in the unit that needs the fewest digits: `12.4 KiB`."""
    number, unit = float(count), 0
    while number >= _STEP and unit < len(_UNITS) - 1:
        number, unit = number / _STEP, unit + 1
    digits = 0 if unit == 0 or number >= _WHOLE else 1
    return f"{number:.{digits}f} {_UNITS[unit]}"


def seconds(time: float) -> str:
    """A duration: `84 ms`, `2.3 s`."""
    return f"{time * 1000:.0f} ms" if time < 1 else f"{time:.1f} s"


def count(number: int, noun: str) -> str:
    """A number of things: `1 image`, `2 images`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
