"""What is asked about images, and what came of it."""

from dataclasses import dataclass, field

from inspection.look import Look
from registry.spent import Spent
from webhook.images.profile import Command, Profile
from webhook.images.reference import parse
from webhook.model import EMPTY, Absence, Image, Object


@dataclass(frozen=True, slots=True)
class Wanted:
    """An image and the containers of it: their command lines are what layers are asked about."""

    reference: str
    containers: tuple[Object, ...] = (EMPTY,)
    platforms: tuple[str, ...] = ()
    """Where it is to run; none where nothing says so."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why an image could not be read; `word` is stable."""

    word: str
    absence: Absence

    def of(self, reference: str) -> str:
        """A line that names the image, where the message does not."""
        message = self.absence.message
        is_named = parse(reference).repository in message
        return f"spanhook: {message if is_named else f'{reference}: {message}'}"


@dataclass(frozen=True, slots=True)
class Seen:
    """One image: what there is of it, or the fault. `reference` is as it was asked for.

    `document` is its configuration as the registry has it, `look` is None where layers were not
    needed or not wanted.
    """

    reference: str
    profile: Profile | None = None
    image: Image | None = None
    document: Object = field(default_factory=dict)
    look: Look | None = None
    fault: Fault | None = None
    spent: Spent = field(default_factory=Spent)
    seconds: float = 0.0

    @property
    def commands(self) -> tuple[Command, ...]:
        """What the layers told."""
        return self.look.commands if self.look else ()
