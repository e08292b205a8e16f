"""Which platforms are asked for."""

import platform

import pytest

from inspection.platforms import ordered, own, parse, parse_all
from registry.model import Platform, PlatformImage


def image(os: str, architecture: str) -> PlatformImage:
    """An image of a platform."""
    return PlatformImage(Platform(os, architecture), "", "", {}, {}, ())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("linux/arm64", Platform("linux", "arm64")),
        ("arm64", Platform("linux", "arm64")),
        ("linux/arm/v7", Platform("linux", "arm", "v7")),
        ("linux/x86_64", Platform("linux", "amd64")),
        ("windows/amd64", Platform("windows", "amd64")),
    ],
)
def test_parse(text: str, expected: Platform) -> None:
    """An architecture alone is Linux'; the words are GOOS' and GOARCH's."""
    assert parse(text) == expected


@pytest.mark.parametrize("text", ["", "/", "linux/", "a/b/c/d"])
def test_refuses(text: str) -> None:
    """What is no platform is said to be none."""
    with pytest.raises(ValueError, match="is not a platform"):
        parse_all([text])


@pytest.mark.parametrize(
    ("machine", "architecture"), [("x86_64", "amd64"), ("aarch64", "arm64"), ("arm64", "arm64")]
)
def test_own(monkeypatch: pytest.MonkeyPatch, machine: str, architecture: str) -> None:
    """The machine's architecture by its name in images, with Linux whatever it runs."""
    monkeypatch.setattr(platform, "machine", lambda: machine)

    assert own() == Platform("linux", architecture)


def test_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wanted ones first, then our own, then others; Windows only where there is nothing else."""
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    windows, intel, arm, power = (
        image("windows", "amd64"), image("linux", "amd64"), image("linux", "arm64"),
        image("linux", "ppc64le"),
    )  # fmt: skip

    assert ordered([windows, power, arm, intel], ()) == (intel, power, arm)
    assert ordered([intel, arm], [Platform("linux", "arm64")]) == (arm, intel)
    assert ordered([windows], ()) == (windows,)
