"""Rules about the webhook itself."""

from collections.abc import Iterator

from console.status import documents
from console.status.known import Known, Rule, Said, note, problem
from console.status.model import Entry, SettingsState
from webhook.settings import VERSION


def _registered(known: Known) -> Iterator[Said]:
    if known.webhook.registered is False:
        yield problem(
            "There is no MutatingWebhookConfiguration spanhook: the API server sends no pods."
        )
    for said in known.webhook.missed:
        yield problem(f"No entry of the webhook configuration selects {said}.")


def _entries(known: Known) -> Iterator[Said]:
    for one in known.webhook.entries:
        if not one.pods:
            yield problem(f"The rules of {one.name} are not for pods that are created.")
        for said in one.excess:
            yield note(f"{one.name} also selects {said}: they cost calls and are left alone.")


def _replicas(known: Known) -> Iterator[Said]:
    deployment = known.webhook.deployment
    if deployment is None:
        if known.was_read(documents.DEPLOYMENT):
            where = f"{known.namespace}/spanhook-webhook"
            say = note if known.outside else problem
            yield say(f"There is no Deployment {where}.")
        return
    if deployment.ready < deployment.desired or not deployment.desired:
        consequence = "" if deployment.ready else f": {_consequence(known.webhook.entries)}"
        yield problem(
            f"{deployment.ready} of {deployment.desired} replicas are ready{consequence}."
        )
    if deployment.updated < deployment.desired:
        yield note(
            f"A roll-out is under way: {deployment.updated} of {deployment.desired} replicas have"
            " the newest template."
        )


def _consequence(entries: tuple[Entry, ...]) -> str:
    if any(one.failure_policy == "Fail" for one in entries):
        return "pods cannot be created"
    return "pods are created without instrumentation"


def _endpoints(known: Known) -> Iterator[Said]:
    endpoints = known.webhook.endpoints
    if endpoints is not None and not endpoints.ready and not known.outside:
        yield problem(f"The Service has no ready endpoint: {_consequence(known.webhook.entries)}.")


def _settings(known: Known) -> Iterator[Said]:
    settings = known.webhook.settings
    if settings is None or settings.state is not SettingsState.INVALID:
        return
    for wrong in settings.problems:
        yield problem(f"ConfigMap spanhook-settings: {wrong}")
    yield note(
        "Replicas keep the settings that they read before; what is said of pods here goes by the"
        " fields that are right."
    )


def _versions(known: Known) -> Iterator[Said]:
    seen = {one.version for one in known.current if one.version}
    if known.webhook.deployment is not None and not seen:
        seen = set(known.webhook.deployment.versions)
    if seen and seen != {VERSION}:
        yield note(
            f"The webhook is of version {', '.join(sorted(seen))}, this command of {VERSION}: what"
            " is said of pods here may differ from what the webhook decides."
        )


RULES: tuple[Rule, ...] = (
    _registered,
    _entries,
    _replicas,
    _endpoints,
    _settings,
    _versions,
)
