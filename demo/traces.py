"""Spans put together: traces as trees, and a line for each service."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from demo.spans import Span


@dataclass(frozen=True, slots=True)
class Trace:
    """The spans of one trace by parent; `roots` are those whose parent is not among them."""

    id: str
    spans: tuple[Span, ...]
    roots: tuple[Span, ...]
    children: Mapping[str, tuple[Span, ...]]

    @property
    def start(self) -> int:
        """When the first span began, nanoseconds since 1970."""
        return min(span.start for span in self.spans)

    @property
    def duration(self) -> int:
        """Nanoseconds from the first span's start to the last one's end."""
        return max(span.end for span in self.spans) - self.start

    @property
    def dangling(self) -> tuple[Span, ...]:
        """Spans that name a parent which nobody sent."""
        return tuple(span for span in self.roots if span.parent)

    @property
    def services(self) -> frozenset[str]:
        """Who took part."""
        return frozenset(span.service for span in self.spans)

    def walk(self) -> Iterator[tuple[int, Span]]:
        """Depth and span, parents before children, siblings by start."""
        waiting = [(0, span) for span in reversed(self.roots)]
        seen = set[str]()
        while waiting:
            depth, span = waiting.pop()
            if span.id in seen:
                continue
            seen.add(span.id)
            yield depth, span
            waiting.extend((depth + 1, child) for child in reversed(self.children.get(span.id, ())))

    def ancestors(self, span: Span) -> Iterator[Span]:
        """The span's parent, its parent, and so on; ends where one is missing or comes again."""
        by_id = {other.id: other for other in self.spans}
        seen = {span.id}
        while (parent := by_id.get(span.parent)) and parent.id not in seen:
            seen.add(parent.id)
            yield parent
            span = parent


@dataclass(frozen=True, slots=True)
class ServiceSummary:
    """One service's spans; the median duration is in nanoseconds."""

    service: str
    spans: int
    errors: int
    median: int


def trace_of(spans: Iterable[Span]) -> Trace:
    """The trace that these spans are; they must be of one trace, and at least one."""
    ordered = tuple(sorted(_unique(spans), key=lambda span: (span.start, span.id)))
    known = {span.id for span in ordered}
    children: dict[str, tuple[Span, ...]] = {}
    roots = list[Span]()
    for span in ordered:
        if span.parent in known and span.parent != span.id:
            children[span.parent] = (*children.get(span.parent, ()), span)
        else:
            roots.append(span)
    return Trace(ordered[0].trace, ordered, tuple(roots), children)


def traces_of(spans: Iterable[Span]) -> list[Trace]:
    """All traces, the one that began first in front."""
    groups: dict[str, list[Span]] = {}
    for span in spans:
        groups.setdefault(span.trace, []).append(span)
    return sorted((trace_of(group) for group in groups.values()), key=lambda trace: trace.start)


def summaries(spans: Sequence[Span]) -> list[ServiceSummary]:
    """A line for each service, by name. The median is over its server spans where it has any."""
    services: dict[str, list[Span]] = {}
    for span in spans:
        services.setdefault(span.service, []).append(span)
    return [_summary(service, services[service]) for service in sorted(services)]


def first_ends(spans: Iterable[Span]) -> dict[str, int]:
    """Service to the end of its earliest span, nanoseconds since 1970."""
    first: dict[str, int] = {}
    for span in spans:
        first[span.service] = min(span.end, first.get(span.service, span.end))
    return first


def is_probe(trace: Trace) -> bool:
    """Whether a kubelet's readiness probe began it; people look for what people did."""
    return any(root.http_path == "/healthz" for root in trace.roots)


def _summary(service: str, spans: Sequence[Span]) -> ServiceSummary:
    served = [span.duration for span in spans if span.kind == "server"]
    return ServiceSummary(
        service=service,
        spans=len(spans),
        errors=sum(span.failed for span in spans),
        median=int(median(served or [span.duration for span in spans])),
    )


def _unique(spans: Iterable[Span]) -> Iterable[Span]:
    # An exporter that did not hear the answer sends its batch again.
    return {span.id: span for span in spans}.values()
