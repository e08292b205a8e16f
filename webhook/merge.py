"""Merging what must be added to a variable with what the user has. Pure planning.

What is written, by where the container has the variable:

    it stands in              what is written
    ------------------------  ---------------------------------------------------------------
    env, as a value           that entry's value, with the addition before or behind it
    env, as valueFrom         the entry renamed SPANHOOK_ORIGINAL_<NAME>, and directly behind it
                              <NAME> that refers to it
    env, optional valueFrom   nothing: Skip(VariableConflict)
    envFrom, known to be      a new entry that refers to $(<NAME>): the kubelet reads envFrom first
    envFrom, known and empty  a new entry
    envFrom, maybe            a new entry (see `webhook.env`); Python refers to it all the same
    the image's Env           a new entry with the image's value, its "$" doubled
    the image's, not kept     nothing: Skip(VariableConflict)
    nowhere                   a new entry
"""

from dataclasses import dataclass, field

from webhook.environment import Environment, Found, Origin
from webhook.model import Json, Skip
from webhook.reasons import Reason
from webhook.value import Value

ORIGINAL = "SPANHOOK_ORIGINAL_"

Entry = dict[str, Json]


class RefusalError(Exception):
    """A merge that cannot be done; ends the planning of its container with `skip`."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.skip = Skip(reason, message)


class Addition(Value):
    """What is to be put before or behind a variable's value."""

    name: str
    before: str = ""
    behind: str = ""
    separator: str = " "

    def to(self, value: str) -> str:
        """The merged value; an empty part of a path would name the working directory."""
        parts = (self.before, value, self.behind)
        return self.separator.join([part for part in parts if part.strip()])


class Merged(Value):
    """The edit of an existing entry: text put before and behind its value.

    `renamed` says that the entry keeps its value under another name, and that a new entry with the
    merged value stands directly behind it.
    """

    name: str
    index: int
    before: str
    behind: str
    value: str
    renamed: bool = False


@dataclass(slots=True)
class EnvPlan:
    """All edits of one container's `env`."""

    merged: list[Merged] = field(default_factory=list)
    ahead: list[Entry] = field(default_factory=list)
    """Entries that go before all others, because a merged one refers to them."""
    behind: list[Entry] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, name: str, value: str) -> None:
        """Add an entry behind the others."""
        self.behind.append({"name": name, "value": value})

    def merge(self, environment: Environment, addition: Addition) -> str:
        """Plan one merge by the table above; the value as it will stand in the manifest.

        Raises:
            RefusalError: the merge is not safe.

        """
        found = environment.find(addition.name)
        if found.origin is Origin.OPTIONAL:
            # When the key is missing, the kubelet leaves the text "$(…)", on which a JVM ends.
            raise RefusalError(
                Reason.VARIABLE_CONFLICT,
                f"{addition.name} comes from an optional reference (valueFrom)",
            )
        if found.origin is Origin.REFERENCE:
            return self._rename(environment, addition, found)
        if found.origin is Origin.LITERAL:
            return self._extend(addition, found)
        is_mapped = found.origin is Origin.CONFIG_MAP and found.value
        reference = f"$({addition.name})" if is_mapped else of_image(addition.name, found)
        value = addition.to(reference)
        self.add(addition.name, value)
        return value

    def _rename(self, environment: Environment, addition: Addition, found: Found) -> str:
        original = ORIGINAL + addition.name
        require_free(environment, original)
        value = addition.to(f"$({original})")
        before, behind = addition.before, addition.behind
        self.merged.append(Merged(addition.name, found.index, before, behind, value, renamed=True))
        return value

    def _extend(self, addition: Addition, found: Found) -> str:
        text, separator = found.value or "", addition.separator if found.value else ""
        before = addition.before and addition.before + separator
        behind = addition.behind and separator + addition.behind
        value = before + text + behind
        if value != text:
            self.merged.append(Merged(addition.name, found.index, before, behind, value))
        return value


def of_image(name: str, found: Found) -> str:
    """An image's own value as it has to be written to stay what it is; "" of any other origin.

    Raises RefusalError where the value was not kept: it is too long, or each platform has another.
    """
    if found.origin is not Origin.IMAGE:
        return ""
    if found.value is None:
        message = f"the image sets {name} to what is too long, or not the same on each platform"
        raise RefusalError(Reason.VARIABLE_CONFLICT, message)
    return literal(found.value)


def literal(value: str) -> str:
    """A value that the kubelet must not expand."""
    return value.replace("$", "$$")


def require_free(environment: Environment, name: str) -> None:
    """Raise RefusalError where the user has a variable of a name that we need."""
    if environment.has(name):
        message = f"the container has a variable {name} of its own"
        raise RefusalError(Reason.NAME_TAKEN, message)
