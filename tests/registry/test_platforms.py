"""Which images of an index are meant."""

from typing import Any

import msgspec
import pytest

from registry.manifests import OCI_INDEX, OCI_MANIFEST, Index
from registry.model import Descriptor, Platform
from registry.platforms import fits, normal, select
from tests.registry import images

AMD64, ARM64, ARM = Platform("linux", "amd64"), Platform("linux", "arm64"), Platform("linux", "arm")


def entries(*texts: str, extra: tuple[dict[str, Any], ...] = ()) -> list[Descriptor]:
    """Index entries of platforms; each has its own digest."""
    made = {text: images.image(configuration=images.config(text)) for text in texts}
    return msgspec.json.decode(images.index(made, extra).index.content, type=Index).manifests


def chosen(found: list[Descriptor]) -> list[str]:
    """The platforms of entries."""
    return [str(entry.platform) for entry in found]


@pytest.mark.parametrize(
    ("texts", "wanted", "expected"),
    [
        (["linux/amd64", "linux/arm64"], [AMD64], ["linux/amd64"]),
        (["linux/amd64", "linux/arm64"], [ARM64, AMD64], ["linux/amd64", "linux/arm64"]),
        (["linux/amd64", "linux/arm64"], [], ["linux/amd64", "linux/arm64"]),
        (["linux/arm64/v8"], [ARM64], ["linux/arm64/v8"]),
        (["linux/arm/v5", "linux/arm/v7", "linux/arm/v6"], [ARM], ["linux/arm/v7"]),
        (
            ["linux/arm/v5", "linux/arm/v6", "linux/arm/v7"],
            [Platform("linux", "arm", "v6")],
            ["linux/arm/v6"],
        ),
        (["linux/amd64/v3", "linux/amd64"], [AMD64], ["linux/amd64"]),
        (["linux/arm64"], [Platform("linux", "arm64", "v8")], ["linux/arm64"]),
        (["linux/x86_64"], [AMD64], ["linux/x86_64"]),
        (["Linux/AArch64"], [ARM64], ["Linux/AArch64"]),
        (["windows/amd64", "linux/amd64"], [AMD64], ["linux/amd64"]),
        (["linux/s390x"], [AMD64], []),
        ([], [], []),
    ],
    ids=[
        "one",
        "two",
        "all",
        "usual variant",
        "variants",
        "one variant",
        "plain before special",
        "usual is meant",
        "uname",
        "case",
        "system",
        "none",
        "empty",
    ],
)
def test_select(texts: list[str], wanted: list[Platform], expected: list[str]) -> None:
    """Each wanted platform once, in the variant that is usual where none is said."""
    assert chosen(select(entries(*texts), wanted)) == expected


def test_attestations_are_passed_over() -> None:
    """What BuildKit attaches is no image, nor are signatures and other artifacts."""
    signature = images.document({}, "application/vnd.dev.sigstore.bundle.v0.3+json").descriptor()
    artifact = images.document({}, OCI_MANIFEST).descriptor(artifactType="text/spdx")
    made = images.index({"linux/amd64": images.image()}, [signature, artifact], attested=True)
    found = msgspec.json.decode(made.index.content, type=Index).manifests

    assert len(found) == 4
    assert chosen(select(found, [])) == ["linux/amd64"]


def test_entries_without_platform_are_the_last_resort() -> None:
    """Where no entry says the platform, the configurations have to tell."""
    nameless = images.image().manifest.descriptor()
    nested = images.document({}, OCI_INDEX).descriptor()

    both = entries("linux/amd64", extra=(nameless, nested))

    assert chosen(select(both, [AMD64])) == ["linux/amd64"]
    assert len(select(both, [ARM64])) == 2


def test_fits() -> None:
    """Any platform fits where none is wanted."""
    assert fits(AMD64, [])
    assert fits(AMD64, [ARM64, AMD64])
    assert not fits(AMD64, [ARM64])
    assert normal(Platform("LINUX", "aarch64", "V8")) == Platform("linux", "arm64", "v8")
