"""What was learnt of an image, kept for all its later pods: the resource ImageProfile.

One profile describes what one digest holds, of all its platforms where it is an index's. It comes
in three shapes: the object in the cluster (`read`, `write`), the value (`Profile`), and what
decisions read of it (`image`).
"""

from webhook.images.command import command_key
from webhook.images.profile.model import (
    REVISION,
    Command,
    Learnt,
    PlatformFacts,
    Profile,
    Reference,
    State,
    name,
)
from webhook.images.profile.platforms import image
from webhook.images.profile.reading import read
from webhook.images.profile.variables import kept
from webhook.images.profile.writing import write

__all__ = [
    "REVISION",
    "Command",
    "Learnt",
    "PlatformFacts",
    "Profile",
    "Reference",
    "State",
    "command_key",
    "image",
    "kept",
    "name",
    "read",
    "write",
]
