"""What the demo promises: one trace through all languages, with the right parents.

Node.js, Python and Java in any case; Go where the machine lets the node agent trace it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from demo.spans import Kind, Span
from demo.traces import Trace


@dataclass(frozen=True, slots=True)
class Hop:
    """A span that must be there: whose, and of which kind."""

    service: str
    kind: Kind

    def __str__(self) -> str:
        return f"{self.service} {self.kind}"


# From the caller's side to the callee's. Between two hops of one service may stand internal spans
# (a framework's handlers); between two services nothing may.
CHECKOUT = (
    Hop("storefront", "server"),
    Hop("storefront", "client"),
    Hop("cart", "server"),
    Hop("cart", "client"),
    Hop("prices", "server"),
)


@dataclass(frozen=True, slots=True)
class Promise:
    """What is said of a trace that has these hops."""

    sentence: str
    hops: tuple[Hop, ...]


WITHOUT_GO = Promise(
    "One trace through Node.js, Python and Java, every parent in its place.", CHECKOUT
)
WITH_GO = Promise(
    "One trace through Node.js, Python, Java and Go, every parent in its place.",
    (*CHECKOUT, Hop("prices", "client"), Hop("stock", "server")),
)


def missing(traces: Iterable[Trace], hops: Sequence[Hop] = CHECKOUT) -> list[str]:
    """What keeps every trace from being the promised one; empty when one of them is.

    The sentences are about the trace that comes closest.
    """
    faults = [_faults(trace, hops) for trace in traces]
    return min(faults, key=len) if faults else ["no trace arrived"]


def keeps(trace: Trace, hops: Sequence[Hop] = CHECKOUT) -> bool:
    """Whether this trace has the whole chain, one root and no parent that is missing."""
    return not _faults(trace, hops)


def _faults(trace: Trace, hops: Sequence[Hop]) -> list[str]:
    absent = [f"there is no {hop} span" for hop in hops if not _any(trace, hop)]
    if absent:
        return absent
    broken = [
        f"no {callee} span has a {caller} span as its parent"
        for caller, callee in pairwise(hops)
        if not any(_leads(trace, span, caller) for span in _all(trace, callee))
    ]
    if not broken and not any(_chain(trace, span, hops) for span in _all(trace, hops[-1])):
        broken.append("the calls do not follow from one another")
    return [*broken, *_roots(trace, hops[0])]


def _roots(trace: Trace, first: Hop) -> list[str]:
    faults = [f"{span.service}: the parent of {span.name} never came" for span in trace.dangling]
    if len(trace.roots) != 1:
        faults.append(f"the trace has {len(trace.roots)} roots")
    elif not _is(trace.roots[0], first):
        faults.append(f"the trace begins with {trace.roots[0].service} {trace.roots[0].kind}")
    return faults


def _chain(trace: Trace, span: Span, hops: Sequence[Hop]) -> bool:
    if len(hops) == 1:
        return True
    caller = _caller(trace, span, hops[-2])
    return caller is not None and _chain(trace, caller, hops[:-1])


def _leads(trace: Trace, span: Span, caller: Hop) -> bool:
    return _caller(trace, span, caller) is not None


def _caller(trace: Trace, span: Span, caller: Hop) -> Span | None:
    """The nearest ancestor that is the caller, with only internal spans of the callee between."""
    for ancestor in trace.ancestors(span):
        if _is(ancestor, caller):
            return ancestor
        if ancestor.kind != "internal" or ancestor.service != span.service:
            return None
    return None


def _any(trace: Trace, hop: Hop) -> bool:
    return any(_is(span, hop) for span in trace.spans)


def _all(trace: Trace, hop: Hop) -> list[Span]:
    return [span for span in trace.spans if _is(span, hop)]


def _is(span: Span, hop: Hop) -> bool:
    return (span.service, span.kind) == (hop.service, hop.kind)
