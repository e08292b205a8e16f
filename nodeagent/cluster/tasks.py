"""What an observer has to do: the containers that it looks at, and what is known of each."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from nodeagent.cluster.cgroup import Place
from nodeagent.cluster.directory import Container
from nodeagent.observing.application import Seen
from nodeagent.tracing.process import Life

_MOST_FILES = 64
"""Files of one container, of which is remembered what was told."""

Probes = Mapping[str, str]
"""A probe's name → "on", or why it is off."""


@dataclass(slots=True)
class Running:
    """A process of a container that is looked at."""

    place: Place
    life: Life
    probes: Probes = field(default_factory=dict)


@dataclass(slots=True)
class Task:
    """A container that is looked at now and then; `due` is the clock's time of the next look."""

    container: Container
    due: float
    tries: int = 0
    empty: int = 0
    """How often no process was there."""
    seen: Seen | None = None
    application: int | None = None
    """The process that was seen; None, too, when it has ended."""
    generation: int = 0
    """How often there was news: what was seen before is not the last word then."""
    files: dict[tuple[int, int], int] = field(default_factory=dict)
    """Device and inode of what ran → what was told of its probes, as a hash."""

    def renew(self, due: float) -> None:
        """There is news: look again by then, if it was looked at."""
        self.generation += 1
        if self.seen is not None:
            self.due, self.tries, self.seen = min(self.due, due), 0, None

    def is_news(self, pid: int, life: Life, probes: Probes) -> bool:
        """Whether that was not told yet; of a container of too many files, of its application."""
        file, told = (life.device, life.inode), hash(tuple(sorted(probes.items())))
        if self.files.get(file) == told:
            return False
        if file in self.files or len(self.files) < _MOST_FILES:
            self.files[file] = told
            return True
        return pid == self.application


@dataclass(frozen=True, slots=True)
class Due:
    """A container that is to be looked at now, and how much news of it there was by then."""

    place: Place
    task: Task
    generation: int
