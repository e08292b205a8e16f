"""What a command line turns out to start."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from webhook.model import NATIVE, nothing


class Kind(StrEnum):
    """What is known about a program."""

    LANGUAGE = "language"
    """It runs in one of our languages; `language` says which."""
    FOREIGN = "foreign"
    """It is known and none of ours; `foreign` says what it is."""
    SCRIPT = "script"
    """A script, an entrypoint or a construct whose content is not known."""
    PATH = "path"
    """An unknown name found on PATH, or in a folder of commands such as /usr/local/bin."""
    BINARY = "binary"
    """An unknown program at a path."""
    NATIVE = "native"
    """Java, compiled ahead of time: there is no virtual machine."""
    MANAGER = "manager"
    """It starts several things that its own configuration names."""


@dataclass(frozen=True, slots=True)
class Program:
    """One program that a command line starts.

    `argv` is its command line behind all wrappers, and `name` the basename of `argv[0]`.
    `ignores` says why its runtime would not read injected variables.
    `through` are the wrappers in front of it, the outermost first. `assigned` are the variables
    that the line itself sets for it; one that is taken away has the value "".
    """

    name: str
    argv: tuple[str, ...]
    kind: Kind
    language: str | None = None
    foreign: str | None = None
    version: str | None = None
    ignores: str | None = None
    through: tuple[str, ...] = ()
    assigned: Mapping[str, str] = field(default_factory=nothing)

    @property
    def told(self) -> str | None:
        """What it runs, as `Evidence.language` has it; None where that is not known."""
        if self.kind is Kind.NATIVE:
            return NATIVE
        return f"~{self.foreign}" if self.kind is Kind.FOREIGN else self.language


@dataclass(frozen=True, slots=True)
class Trail:
    """What was passed on the way to a program.

    `parameters` are a shell's `$0`, `$1`, …. `home` is the language of a launcher that starts what
    is installed with it (`poetry run x`): it decides where the name of the program does not.
    `doubtful`: what follows may be an argument of an unknown script and not a command at all.
    """

    through: tuple[str, ...] = ()
    assigned: Mapping[str, str] = field(default_factory=nothing)
    ignores: str | None = None
    parameters: tuple[str, ...] = ()
    home: str | None = None
    doubtful: bool = False

    # Written out: `dataclasses.replace` takes longer than all the rest of a walk.

    def past(self, wrapper: str, ignores: str | None = None) -> "Trail":
        """The trail behind one more wrapper; the first reason to ignore variables stays."""
        return Trail(
            (*self.through, wrapper),
            self.assigned,
            self.ignores or ignores,
            self.parameters,
            None,
            self.doubtful,
        )

    def into(
        self, shell: str, parameters: tuple[str, ...], variables: Mapping[str, str]
    ) -> "Trail":
        """The trail into a shell's script, whose words are commands for sure."""
        assigned = {**self.assigned, **variables} if variables else self.assigned
        return Trail((*self.through, shell), assigned, self.ignores, parameters)

    def within(self, language: str) -> "Trail":
        """The trail into an environment of a language."""
        return replace(self, home=language)

    def doubting(self) -> "Trail":
        """The trail behind an entrypoint whose content is not known."""
        return replace(self, doubtful=True)

    def assigning(self, variables: Mapping[str, str]) -> "Trail":
        """The trail with more variables set."""
        return replace(self, assigned={**self.assigned, **variables}) if variables else self


Step = Sequence[tuple[Sequence[str], Trail]]
"""Where to look next: command lines with the trail that leads there. Empty: nothing can be told."""
