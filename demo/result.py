"""What a run showed: the traces, what is missing of the promise, and all of it as JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from demo.expectation import WITH_GO, WITHOUT_GO, Promise, keeps, missing
from demo.node_agent import Tracing
from demo.provision import Missing
from demo.runtimes.model import Prepared
from demo.shop import Admission, Started
from demo.spans import Span
from demo.traces import ServiceSummary, Trace, first_ends, is_probe, summaries, traces_of
from demo.traffic import CHECKOUT


@dataclass(frozen=True, slots=True)
class Result:
    """`spans` is all that arrived, the readiness probes' own spans among it."""

    prepared: Mapping[str, Prepared | Missing]
    admission: Admission
    started: Mapping[str, Started | Missing]
    spans: Sequence[Span]
    tracing: Tracing | Missing
    agent_fault: str | None = None
    """Why the node agent, which did trace, does so no more."""

    @property
    def promise(self) -> Promise:
        """What one trace has to have."""
        return promise_of(self.tracing)

    @property
    def traces(self) -> list[Trace]:
        """The visits' traces, by start."""
        return [trace for trace in traces_of(self.spans) if not is_probe(trace)]

    @property
    def faults(self) -> list[str]:
        """What keeps the promise from being kept, a sentence each; none when it is."""
        if absent := absences(self.started):
            return absent
        faults = missing(self.traces, self.promise.hops)
        return [self.agent_fault, *faults] if faults and self.agent_fault else faults

    @property
    def best(self) -> Trace | None:
        """The newest order that keeps the promise; else the trace that got furthest."""
        orders = [trace for trace in self.traces if trace.roots[0].http_path == CHECKOUT.path]
        kept = [trace for trace in orders if keeps(trace, self.promise.hops)]
        if kept:
            most = max(len(trace.spans) for trace in kept)
            return [trace for trace in kept if len(trace.spans) == most][-1]
        return max(
            self.traces, key=lambda trace: (len(trace.services), len(trace.spans)), default=None
        )

    @property
    def summaries(self) -> list[ServiceSummary]:
        """A line for each service that sent spans."""
        return summaries([span for trace in self.traces for span in trace.spans])

    @property
    def first(self) -> dict[str, float]:
        """Service to the seconds from its start to the end of its first span."""
        ends = first_ends(self.spans)
        return {
            service: (ends[service] - outcome.pod.started) / 1e9
            for service, outcome in self.started.items()
            if isinstance(outcome, Started) and service in ends
        }

    @property
    def notes(self) -> list[str]:
        """Sentences about what people would otherwise wonder about."""
        heard = {span.service for span in self.spans}
        notes = [
            f"{service} ran and sent no spans: {reason}."
            for service, reason in self._silent().items()
            if isinstance(self.started[service], Started) and service not in heard
        ]
        if isinstance(self.started["exchange"], Missing):
            notes.append("Calls to exchange fail, since it does not run: totals stay in euros.")
        return notes

    def _silent(self) -> dict[str, str]:
        """Services that are decided, and from which nothing is to be expected on this machine."""
        silent = {"exchange": "the .NET agent comes as an image only"}
        if isinstance(self.tracing, Missing):
            silent["stock"] = f"the node agent cannot trace Go here ({self.tracing.reason})"
        return silent

    def document(self) -> dict[str, object]:
        """The result as a JSON object."""
        best = self.best
        return {
            "ok": not self.faults,
            "missing": self.faults,
            "services": {name: self._service(name) for name in self.started},
            "node_agent": {
                "tracing": isinstance(self.tracing, Tracing),
                "reason": self.tracing.reason if isinstance(self.tracing, Missing) else None,
            },
            "decisions": [asdict(row) for row in self.admission.rows],
            "warnings": list(self.admission.warnings),
            "summary": [asdict(row) for row in self.summaries],
            "trace": [asdict(span) for _, span in best.walk()] if best else [],
        }

    def _service(self, name: str) -> dict[str, object]:
        prepared, started = self.prepared[name], self.started[name]
        return {
            "running": isinstance(started, Started),
            "runtime": prepared.runtime.title if isinstance(prepared, Prepared) else None,
            "reason": started.reason if isinstance(started, Missing) else None,
        }


def promise_of(tracing: Tracing | Missing) -> Promise:
    """With Go where it is traced."""
    return WITH_GO if isinstance(tracing, Tracing) else WITHOUT_GO


def absences(started: Mapping[str, Started | Missing]) -> list[str]:
    """The services of the promised trace that do not run, with the reason."""
    return [
        f"{service} does not run: {outcome.reason}"
        for service in dict.fromkeys(hop.service for hop in WITHOUT_GO.hops)
        if isinstance(outcome := started[service], Missing)
    ]
