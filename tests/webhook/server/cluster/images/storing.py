"""A store of profiles with a clock of the test's own."""

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from tests.webhook.server.cluster.images.stage import (
    MIDNIGHT,
)
from tests.webhook.server.cluster.recording import Recording
from webhook.images.profile import Profile, write
from webhook.images.reference import canonical
from webhook.server.cluster.profiles import ImageProfile, Profiles

TAG = canonical("shop/cart:1")
OTHER = canonical("shop/cart:2")


def decoded(document: Mapping[str, Any]) -> ImageProfile:
    """An object as the watch has it."""
    return msgspec.json.decode(msgspec.json.encode(document), type=ImageProfile)


def item(found: Profile) -> ImageProfile:
    """A profile as the watch has it."""
    return decoded(write(found))


class Stage:
    """A store with a clock."""

    def __init__(self) -> None:
        self.now = MIDNIGHT
        self.recording = Recording()
        self.profiles = Profiles(self.recording.log, self.recording.telemetry, lambda: self.now)

    def language(self, reference: str) -> str:
        """The language that is known, "" where nothing is."""
        image = self.profiles.known.get(reference)
        if image is None:
            assert reference not in self.profiles.known
            with pytest.raises(KeyError):
                self.profiles.known[reference]
            return ""
        assert self.profiles.known[reference] is image
        return {"python3": "python", "java": "java"}[image.cmd[0]]
