"""Where probes go in a binary, and which are off for it and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from nodeagent.binary.functions import Function
from nodeagent.binary.program import GoProgram
from nodeagent.binary.results import result_sites
from nodeagent.binary.sites import Site, entry_site, return_sites
from nodeagent.probes.layout import Unfit, find, pack
from nodeagent.probes.probe import Hook, Probe


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


def plan(
    program: GoProgram, probes: Sequence[Probe], refused: Mapping[str, str] | None = None
) -> Plan:
    """What to attach where; `refused` says why by names of programs that the kernel does not take.

    Raises BinaryError when the binary cannot be read.
    """
    attachments: list[Attachment] = []
    offsets: dict[str, int] = {}
    off: dict[str, str] = {}
    for probe in probes:
        try:
            # Only when nothing is missing: half a probe would begin spans that never end.
            _check(probe, refused or {})
            found = find(program, probe)
            sites = _attach(program, probe)
        except Unfit as unfit:
            off[probe.name] = str(unfit)
            continue
        offsets |= found
        attachments += sites
    return Plan(tuple(attachments), pack(probes, offsets), off)


def _check(probe: Probe, refused: Mapping[str, str]) -> None:
    for hook in probe.hooks:
        if why := refused.get(hook.program):
            raise Unfit(f"this kernel refuses {hook.program}: {why}")


def _attach(program: GoProgram, probe: Probe) -> list[Attachment]:
    names = {name for hook in probe.hooks for name in (*hook.symbols, hook.unless, hook.tests)}
    functions = program.functions(names - {""})
    attachments: list[Attachment] = []
    for hook in probe.hooks:
        found = [functions[symbol] for symbol in hook.symbols if symbol in functions]
        if hook.required and not found:
            raise Unfit(f"no function {' or '.join(hook.symbols)}")
        attachments += [
            Attachment(hook.program, site.file_offset)
            for function in found
            if hook.unless not in functions
            for site in _sites(program, function, hook, functions.get(hook.tests))
        ]
    return attachments


def _sites(
    program: GoProgram, function: Function, hook: Hook, callee: Function | None
) -> tuple[Site, ...]:
    results = result_sites(program, function, callee) if callee else None
    if not hook.at_returns:
        if hook.tests:
            return (results.branch,) if results else ()
        return (entry_site(program, function),)
    sites = results.returns if results else return_sites(program, function)
    if not sites:  # half a probe would begin spans that never end
        raise Unfit(f"{function.name} does not return")
    return sites
