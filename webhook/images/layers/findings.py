"""What the layers told: evidence for `decide`, and facts beside it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from webhook.images.layers import runtime
from webhook.images.layers.content import BUNDLE
from webhook.images.layers.documents import Framework
from webhook.images.layers.inventory import Inventory
from webhook.images.layers.marks import APPLICATIONS, LANGUAGES
from webhook.images.layers.start import Start
from webhook.images.layers.verdict import State, Verdict, verdicts
from webhook.languages import BY_NAME
from webhook.model import NATIVE, Evidence, Libc, Source
from webhook.vendors.agent import Agent


@dataclass(frozen=True, slots=True)
class Findings:
    """What the layers tell of the command line that they were asked about, and of no other.

    `module` is the path of a Go program's main package, `is_module` whether Node.js reads the entry
    script as an ES module. `native` says what compiled the program ahead of time, `architecture`
    for which machine, as images name it (`amd64`).
    """

    evidence: tuple[Evidence, ...] = ()
    language: str | None = None
    version: str | None = None
    libc: Libc | None = None
    module: str | None = None
    is_module: bool | None = None
    framework: Framework | None = None
    native: str | None = None
    architecture: str | None = None
    is_packed: bool = False
    agents: tuple[Agent, ...] = ()
    is_settled: bool = False
    """Whether further layers could tell nothing that is needed."""


def gather(start: Start, inventory: Inventory, *, is_sure: bool) -> Findings:
    """The findings so far. Without `is_sure` nothing decides: a layer was not read to its end."""
    found = verdicts(start, inventory)
    unknown = [v for v in found if v.language is None]
    named = dict.fromkeys(v.language for v in found if v.language)
    language = next(iter(named)) if len(named) == 1 and not unknown else None
    verdict = found[0] if language else None
    decides = is_sure and not unknown
    evidence = [_evidence(v, decides=decides) for v in found if v.language and not v.is_told]
    version = libc = None
    if verdict is not None and not (verdict.language or "").startswith("~"):
        version = runtime.version(verdict, start, inventory)
        libc = runtime.libc(verdict, start, inventory)
        evidence += _of_runtime(verdict, version, libc, decides=decides)
    elif not named:
        evidence += _hints(found, inventory)
    findings = Findings(
        tuple(evidence),
        language,
        version[0] if version else None,
        libc[0] if libc else None,
        architecture=next((v.binary.machine for v in found if v.binary), None),
        is_packed=any(v.binary.is_packed for v in found if v.binary),
        agents=inventory.agents(),
        is_settled=_is_settled(start, found, version, libc),
    )
    return _with_facts(findings, verdict, start, inventory) if verdict else findings


def _evidence(verdict: Verdict, *, decides: bool) -> Evidence:
    return Evidence(Source.LAYERS, verdict.fact, verdict.language, verdict.version, decides=decides)


def _of_runtime(
    verdict: Verdict,
    version: tuple[str, str] | None,
    libc: tuple[Libc, str] | None,
    *,
    decides: bool,
) -> Iterator[Evidence]:
    """Version and C library; that a runtime is there is no proof that the program runs in it."""
    if version and version[0] != verdict.version:
        fact = f"{version[1]} tells the version {version[0]}"
        yield Evidence(Source.LAYERS, fact, verdict.language, version[0], decides=False)
    if libc:
        yield Evidence(Source.LAYERS, libc[1], libc=libc[0], decides=decides)


def _with_facts(
    findings: Findings, verdict: Verdict, start: Start, inventory: Inventory
) -> Findings:
    """What only programs of one language have."""
    binary = verdict.binary
    if verdict.language == "go" and binary and binary.go:
        return replace(findings, module=binary.go.path or binary.go.module)
    if verdict.language == NATIVE and binary:
        return replace(findings, native=binary.ahead)
    if verdict.language == "nodejs":
        return replace(findings, is_module=runtime.is_module(verdict, start, inventory))
    if verdict.language == "dotnet":
        return replace(findings, framework=runtime.framework(verdict, start, inventory))
    return findings


def _hints(found: tuple[Verdict, ...], inventory: Inventory) -> Iterator[Evidence]:
    """What the image holds, one piece for each language; none of it decides."""
    for verdict in found:
        if verdict.fact or (verdict.binary and verdict.binary.libraries):
            libraries = ", ".join(verdict.binary.libraries) if verdict.binary else ""
            fact = verdict.fact or f"/{verdict.path} is linked with {libraries}"
            yield Evidence(Source.LAYERS, fact, decides=False)
    said: set[str] = set()
    for mark in APPLICATIONS:
        paths = inventory.marked(mark)
        if paths and LANGUAGES[mark] not in said:
            said.add(LANGUAGES[mark])
            fact = f"/{paths[0]}, {mark.value}, is in the image"
            yield Evidence(Source.LAYERS, fact, LANGUAGES[mark], decides=False)


def _is_settled(
    start: Start,
    found: tuple[Verdict, ...],
    version: tuple[str, str] | None,
    libc: tuple[Libc, str] | None,
) -> bool:
    """Whether every program is known, or never will be, and with it what its agent needs.

    Whoever asks about a program whose language the command line tells wants its version.
    """
    if any(verdict.state is State.PENDING for verdict in found):
        return False
    if any(verdict.language is None for verdict in found):
        return True
    for verdict in found:
        language = BY_NAME.get(verdict.language or "")
        if language is None:
            continue
        needs_version = verdict.is_told or language.needs_version
        if needs_version and not (version or start.version or _is_bundle(verdict)):
            return False
        if language.needs_libc and not (libc or start.libc):
            return False
    return True


def _is_bundle(verdict: Verdict) -> bool:
    """Whether the program's version stands inside of it, behind what can be read."""
    return verdict.binary is not None and verdict.binary.dotnet == BUNDLE
