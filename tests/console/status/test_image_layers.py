"""How far an image's layers were read, where its configuration leaves it open."""

import pytest

from tests.console.status.looking import CART, KEY, look, only, outcome
from tests.console.status.shelf import SCRIPT, profile
from webhook.images.profile import Command

NO_LAYERS = {"data": {"settings.yaml": "imageInspection: {layers: false}"}}


@pytest.mark.parametrize(
    ("command", "state", "message"),
    [
        (None, "unread", ""),
        (Command(KEY, state="failed", message="it broke off"), "unread", "it broke off"),
        (Command(KEY, state="undecided", message="a script"), "undecided", "a script"),
        (Command(KEY, state="budget", message="more to read"), "undecided", "more to read"),
        (Command("0" * 64, state="undecided", message="another line"), "unread", ""),
    ],
)
def test_layers(command: Command | None, state: str, message: str) -> None:
    """Where a configuration leaves it open, it is said how far the layers were read."""
    known = profile(CART, SCRIPT, *([command] if command else []))
    found = look(known)

    image = only(found)
    for digest in (known.digest, known.platforms[0].digest):
        by_digest = only(look(known, image=f"registry.example.com/shop/cart@{digest}"))
        assert (by_digest.state, by_digest.message) == (state, message)
    assert (image.state, image.message, image.skipped) == (state, message, 1)
    assert image.remedy.needed is (state == "undecided")
    assert outcome(found)[2] == "LanguageUnknown"


def test_layers_that_nobody_reads() -> None:
    """Where the settings switch layers off, waiting for them is no advice."""
    remedy = only(look(profile(CART, SCRIPT), settings=NO_LAYERS)).remedy

    assert remedy.needed
    assert "switch" in (remedy.advice or "")
