"""One image out of those of many platforms."""

from collections.abc import Collection
from dataclasses import replace

from webhook.images.profile.model import Profile
from webhook.model import Image


def image(profile: Profile, platforms: Collection[str] = ()) -> Image:
    """What decisions read of a profile, of the platforms that are asked for where it has them."""
    chosen = [one for one in profile.platforms if one.platform in platforms]
    found = [one.image for one in chosen or profile.platforms]
    layers = {one.key: one.evidence for one in profile.commands if one.evidence}
    return replace(found[0], layers=layers) if found else Image(layers=layers, entry_known=False)
