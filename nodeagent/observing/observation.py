"""What was seen of a process, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


def nothing() -> Mapping[str, str]:
    """No pairs, from a factory: before Python 3.12 a mapping proxy is no default of a dataclass."""
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Observation:
    """A process: the runtime that it is, and what lies beside it. No value may be a secret.

    `language` is a name of `webhook.languages.BY_NAME`, None where it is none of them. `libc` is
    "glibc", "musl", "static" or "" where it could not be told; `agents` names their makers.
    `command` holds the program, and the script, module or jar that it runs. `probes`: name → "on",
    or why it is off. `is_cut`: files were not searched to their ends, for that costs too much; what
    is not told here may be told by a later look.
    """

    language: str | None = None
    version: str = ""
    libc: str = ""
    agents: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    process_name: str = ""
    probes: Mapping[str, str] = field(default_factory=nothing)
    is_cut: bool = False
