"""What decisions are made about: a container in its pod, and one whose language is settled."""

from collections.abc import Mapping

from webhook.annotations import Choice, Wishes
from webhook.commandline import Program
from webhook.environment import Environment
from webhook.language import Language
from webhook.model import EMPTY, Evidence, Facts, Libc, Object, Owner, Target
from webhook.settings import Settings
from webhook.value import Value


class Question(Value):
    """Everything that a decision about one container reads."""

    pod: Object
    target: Target
    wishes: Wishes
    facts: Facts
    settings: Settings
    namespace: str | None
    owner: Owner | None = None

    @property
    def choices(self) -> tuple[Choice, ...]:
        """What annotations choose for this container."""
        return self.wishes.choices.get(self.target.name, ())


class Candidate(Value):
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
    variables: Mapping[str, str | None] = EMPTY
    other_agents: tuple[str, ...] = ()
    """The makers of agents that were seen in the same container of the workload."""
