"""What a container starts, and where in its image that may lie."""

from dataclasses import dataclass, field

from webhook.commandline import Program, programs
from webhook.images.layers.paths import within
from webhook.model import Libc

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""What runtimes set where an image sets no PATH (containerd's `defaultUnixEnv`)."""
_FOLDERS = 32


@dataclass(frozen=True, slots=True)
class Start:
    """A resolved command line (`webhook.commandline.resolve`), and how its words are understood.

    `working_directory` is the pod's or else the image's; `path` the PATH of the container. What is
    known already of version and C library is not looked for. `key` names what is found for those
    who keep it; "" means the key of `argv` alone.
    """

    argv: tuple[str, ...]
    working_directory: str = "/"
    path: str = PATH
    version: str | None = None
    libc: Libc | None = None
    key: str = ""
    programs: tuple[Program, ...] = field(init=False)
    scripts: tuple[Program, ...] = field(init=False)
    """The programs again, of entrypoint scripts these themselves and not what follows them."""

    def __post_init__(self) -> None:
        """Look through the wrappers once."""
        object.__setattr__(self, "programs", programs(self.argv))
        object.__setattr__(self, "scripts", programs(self.argv, past_scripts=False))

    @property
    def names(self) -> frozenset[str]:
        """The last parts of the programs' paths."""
        both = (*self.programs, *self.scripts)
        return frozenset(p.argv[0].rpartition("/")[2] for p in both if p.argv)

    def places(self, word: str) -> tuple[str, ...]:
        """The paths that a command may mean, in the order in which they are tried."""
        if not word or "\0" in word or "$" in word:
            return ()
        if "/" in word:
            return (within(self.working_directory, word),)
        folders = (self.path or PATH).split(":")[:_FOLDERS]
        found = (within(within(self.working_directory, folder), word) for folder in folders)
        return tuple(dict.fromkeys(found))
