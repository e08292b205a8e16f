"""Rules about what is trusted and what is served."""

from collections.abc import Iterator

from certs.authority import LEAF_LIFETIME
from console.status import documents
from console.status.known import Known, Rule, Said, note, problem
from console.status.model import Mode

LATE = LEAF_LIFETIME / 6
"""What is left of a certificate of our own when its renewal, due at a third, is overdue. How long
others' live is not known: the replicas say it themselves when theirs are not renewed."""


def _bundles(known: Known) -> Iterator[Said]:
    for one in known.webhook.entries:
        if one.bundle_problem:
            yield problem(f"The caBundle of {one.name} {one.bundle_problem}.")
        if one.verifies is False:
            yield problem(
                f"The caBundle of {one.name} lacks the authority of a certificate that is served:"
                " the API server refuses it."
            )
        for authority in one.authorities:
            if authority.expires <= known.now:
                say = problem if len(one.authorities) == 1 else note
                yield say(f"An authority in the caBundle of {one.name} has expired.")


def _served(known: Known) -> Iterator[Said]:
    own = known.certificates.mode is Mode.OWN
    for one in known.current:
        if one.expires is None:
            continue
        if one.expires <= known.now:
            yield problem(f"{one.name} serves a certificate that has expired.")
        elif own and one.expires - known.now < LATE and known.certificates.rotation is None:
            yield problem(
                f"{one.name} serves a certificate that expires on {one.expires:%Y-%m-%d} and"
                " should have been renewed by now."
            )


def _same(known: Known) -> Iterator[Said]:
    served = {one.fingerprint for one in known.current if one.fingerprint}
    if len(served) > 1:
        yield note(
            f"Replicas serve {len(served)} different certificates; during a rotation that is right."
        )


def _heartbeats(known: Known) -> Iterator[Said]:
    deployment = known.webhook.deployment
    if deployment is None or not known.was_read(documents.LEASES):
        return
    silent = deployment.ready - len(known.current)
    if silent > 0:
        yield note(f"{silent} of {deployment.ready} ready replicas say nothing of themselves.")
    elif known.current and not any(one.leader for one in known.current):
        yield note("No replica leads: nobody renews certificates until one does.")


RULES: tuple[Rule, ...] = (_bundles, _served, _same, _heartbeats)
