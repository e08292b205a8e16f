"""Kubernetes quantities ("512Mi", "0.5Gi", "1e6") in numbers."""

import re
from functools import lru_cache

_QUANTITY = re.compile(r"([+-]?\d*\.?\d+(?:[eE][+-]?\d+)?)([a-zA-Z]{0,2})")
_UNITS = {
    "": 1.0,
    "n": 1e-9,
    "u": 1e-6,
    "m": 1e-3,
    **{unit: 1000.0**n for n, unit in enumerate("kMGTPE", start=1)},
    **{f"{unit}i": 1024.0**n for n, unit in enumerate("KMGTPE", start=1)},
}

MEBIBYTE = 1024 * 1024


def parse(quantity: object) -> float | None:
    """The number that a quantity stands for (bytes, for memory), or None when it is not one."""
    return _parse(str(quantity))


@lru_cache(maxsize=1024)
def _parse(text: str) -> float | None:
    match = _QUANTITY.fullmatch(text.strip())
    if match is None or match[2] not in _UNITS:
        return None
    return float(match[1]) * _UNITS[match[2]]
