"""Where probes go in a binary, and which are off for it and why."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from nodeagent.binary.program import GoProgram
from nodeagent.binary.sites import entry_site
from nodeagent.probes.layout import Unfit, find, pack
from nodeagent.probes.probe import Probe


@dataclass(frozen=True, slots=True)
class Attachment:
    """A BPF program and the place in the file that it goes to."""

    program: str
    offset: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done with a binary.

    `fields` are the bytes of `struct binary`. `off` says by a probe's name why it is off.
    """

    attachments: tuple[Attachment, ...]
    fields: bytes
    off: dict[str, str] = field(default_factory=dict)


def plan(program: GoProgram, probes: Sequence[Probe]) -> Plan:
    """What to attach where. Raises BinaryError when the binary cannot be read."""
    attachments: list[Attachment] = []
    offsets: dict[str, int] = {}
    off: dict[str, str] = {}
    for probe in probes:
        try:
            # Only when nothing is missing: half a probe would begin spans that never end.
            found = find(program, probe)
            sites = _attach(program, probe)
        except Unfit as unfit:
            off[probe.name] = str(unfit)
            continue
        offsets |= found
        attachments += sites
    return Plan(tuple(attachments), pack(probes, offsets), off)


def _attach(program: GoProgram, probe: Probe) -> list[Attachment]:
    functions = program.functions([hook.symbol for hook in probe.hooks])
    for hook in probe.hooks:
        if hook.required and hook.symbol not in functions:
            raise Unfit(f"no function {hook.symbol}")
    return [
        Attachment(hook.program, entry_site(program, functions[hook.symbol]).file_offset)
        for hook in probe.hooks
        if hook.symbol in functions
    ]
