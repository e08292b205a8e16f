"""Rules about namespaces and their pods."""

from collections.abc import Iterator

from console.status import documents
from console.status.known import Known, Rule, Said, note, problem
from console.status.wording import count
from webhook.optin import ENABLED, LABEL, SYSTEM_NAMESPACES
from webhook.reasons import Reason


def _reached(known: Known) -> Iterator[Said]:
    for one in known.namespaces:
        if one.name in SYSTEM_NAMESPACES:
            yield note(f"{one.name} is labelled, but pods of system namespaces are never touched.")
        elif one.opted_in and not one.reached:
            yield problem(
                f"No entry of the webhook configuration selects the namespace {one.name}: its pods"
                " are not sent."
            )


def _pending(known: Known) -> Iterator[Said]:
    waiting = [
        workload.counts.pending
        for one in known.namespaces
        for workload in one.workloads
        if workload.remedy is not None and workload.remedy.needed
    ]
    if waiting:
        pods, workloads = count(sum(waiting), "pod"), count(len(waiting), "workload")
        yield problem(f"{pods} of {workloads} would be instrumented if created anew.")


def _rights(known: Known) -> Iterator[Said]:
    if known.webhook.registered is None and known.unread and not known.namespaces:
        yield problem("Next to nothing could be read: see below what these rights do not allow.")


def _failures(known: Known) -> Iterator[Said]:
    for one in known.namespaces:
        for workload in one.workloads:
            failed = [c for c in workload.containers if c.reason == Reason.INTERNAL_ERROR]
            if failed:
                what = f"{workload.kind} {workload.name} in {one.name}"
                yield problem(f"Spanhook fails on pods of {what}: {failed[0].message}.")


def _not_opted_in(known: Known) -> Iterator[Said]:
    for one in known.namespaces:
        if one.opted_in is False and not one.counts.pods:
            yield note(
                f"{one.name} is not opted in: kubectl label namespace {one.name} {LABEL}={ENABLED}"
            )


def _nothing(known: Known) -> Iterator[Said]:
    if known.whole and not known.namespaces and known.was_read(documents.NAMESPACES):
        yield note(f"Nothing is opted in: kubectl label namespace NAME {LABEL}={ENABLED}")


RULES: tuple[Rule, ...] = (_reached, _pending, _failures, _not_opted_in, _nothing, _rights)
