"""Which way traces are passed on: what is asked for, what of it is there, and why not the rest."""

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from nodeagent.propagation.trying import refusal
from nodeagent.propagation.way import SK_MSG, WAYS, WRITE, Way

_log = logging.getLogger(__name__)

WISHES: Mapping[str, tuple[Way, ...]] = {
    "off": (),
    "write": (WRITE,),
    "sk-msg": (SK_MSG,),
    "auto": (WRITE, SK_MSG),
}
"""What can be asked for: ways, of which the first that is open is used."""

DEFAULT = "write"
"""Where the kernel lets us write into the program's buffer nobody else's traffic is touched; the
other way takes all that traced programs send through another part of the kernel."""


class State(StrEnum):
    """A way is used, or not asked for or not needed, or closed on this machine."""

    ON = "on"
    OFF = "off"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class Path:
    """One way and its state; `why` it is not on."""

    way: str
    state: State
    why: str = ""

    def __str__(self) -> str:
        return f"{self.way}: {self.state}" + (f": {self.why}" if self.why else "")


@dataclass(frozen=True, slots=True)
class Paths:
    """What became of a wish: every way there is, and the one that is used."""

    wish: str
    states: tuple[Path, ...] = ()
    way: Way | None = None

    def log(self) -> None:
        """Say which way is used, and aloud what is asked for and closed."""
        other = "; `auto` tries the other way, too" if len(WISHES[self.wish]) == 1 else ""
        for path in self.states:
            if path.state is State.UNAVAILABLE:
                _log.warning("propagation by %s%s", path, other)
            else:
                _log.info("propagation by %s", path)

    def samples(self) -> Iterator[tuple[tuple[str, str], float]]:
        """For a metric with labels `path` and `state`: 1 for the state that each is in."""
        for path in self.states:
            for state in State:
                yield (path.way, state.value), float(state is path.state)

    def without(self, why: str) -> "Paths":
        """The same, but the way that was to be used is not there after all."""
        used = self.way.name if self.way else ""
        states = (
            replace(path, state=State.UNAVAILABLE, why=why) if path.way == used else path
            for path in self.states
        )
        return Paths(self.wish, tuple(states))


def choose(wish: str, refused: Callable[[Way], str] = refusal) -> Paths:
    """Which way to go. Raises KeyError where nothing of this name can be asked for."""
    wanted = WISHES[wish]
    used: Way | None = None
    states: list[Path] = []
    for way in WAYS:
        if way not in wanted:
            states.append(Path(way.name, State.OFF, "not asked for"))
        elif used:
            states.append(Path(way.name, State.OFF, f"{used.name} is on"))
        elif why := refused(way):
            states.append(Path(way.name, State.UNAVAILABLE, why))
        else:
            states.append(Path(way.name, State.ON))
            used = way
    return Paths(wish, tuple(states), used)
