"""The image of the webhook, built once for all that look at it."""

import os
from typing import Any

import pytest

from tests.image import building, running
from tests.image.building import Images


@pytest.fixture(scope="package")
def images() -> Images:
    """The images of this user's cache; skips where none can be built."""
    reason = building.missing() or running.missing()
    if reason and os.environ.get("SPANHOOK_REQUIRE_NODE") == "1":
        pytest.fail(f"no image: {reason}", pytrace=False)
    if reason:
        pytest.skip(f"no image: {reason}")
    return Images.cached()


@pytest.fixture(scope="package")
def config(images: Images) -> dict[str, Any]:
    """The configuration of the webhook's image, which is built first."""
    return images.config(images.webhook())
