"""What decisions are made about: a container in its pod, and one whose language is settled."""

from dataclasses import dataclass, field

from webhook.annotations import Choice, Wishes
from webhook.commandline import Program
from webhook.environment import Environment
from webhook.language import Language
from webhook.model import Evidence, Facts, Libc, Object, Target
from webhook.settings import Settings


@dataclass(frozen=True, slots=True)
class Question:
    """Everything that a decision about one container reads."""

    pod: Object
    target: Target
    wishes: Wishes
    facts: Facts
    settings: Settings
    namespace: str | None

    @property
    def choices(self) -> tuple[Choice, ...]:
        """What annotations choose for this container."""
        return self.wishes.choices.get(self.target.name, ())


@dataclass(frozen=True, slots=True)
class Candidate:
    """A container whose language is settled, on its way to an injection."""

    question: Question
    language: Language
    version: str | None
    libc: Libc | None
    environment: Environment
    programs: tuple[Program, ...]
    command_line: tuple[str, ...]
    """What the container starts, wrappers and launchers included; `programs` are behind them."""
    evidence: tuple[Evidence, ...] = ()
    variables: dict[str, str | None] = field(default_factory=dict)
