"""An installation: its documents read, and what they say."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from console.status import certificates, documents, registration, replicas, service
from console.status.documents import Installation, found, metadata
from console.status.model import Certificates, Mode, Webhook
from console.status.requests import read
from console.status.selectors import missed
from kube.client import Client
from kube.paths import path
from kube.times import parse
from webhook import names
from webhook.model import Object
from webhook.names import LEADER
from webhook.server.cluster.replicas import CERTIFICATES, ROTATION
from webhook.settings import Settings

_ADMISSION = "admissionregistration.k8s.io/v1"
_ABOUT_SETTINGS = f"involvedObject.kind=ConfigMap,involvedObject.name={names.SETTINGS}"


@dataclass(frozen=True, slots=True)
class Judged:
    """What an installation's documents say. `entries` are the configuration's, as they stand.

    `asks`: whether replicas ask registries.
    """

    webhook: Webhook
    certificates: Certificates
    settings: Settings
    installed: datetime | None
    entries: tuple[Object, ...]
    asks: bool = True


async def gather(client: Client, namespace: str) -> Installation:
    """Read what there is in `namespace`. Raises kube.errors.Unreachable and ApiError (401)."""

    def there(version: str, plural: str, name: str | None = None) -> str:
        return path(version, plural, namespace=namespace, name=name)

    configuration = path(_ADMISSION, "mutatingwebhookconfigurations", name=names.CONFIGURATION)
    deployment = there("apps/v1", "deployments", names.WEBHOOK)
    slices = there("discovery.k8s.io/v1", "endpointslices")
    behind = f"kubernetes.io/service-name={names.WEBHOOK}"
    leases = there("coordination.k8s.io/v1", "leases")
    leader = there("coordination.k8s.io/v1", "leases", LEADER)
    results = await asyncio.gather(
        read(client, "webhook", documents.CONFIGURATION, configuration),
        read(client, "webhook", documents.DEPLOYMENT, deployment),
        read(client, "webhook", documents.SLICES, slices, labelSelector=behind),
        read(client, "webhook", documents.SETTINGS, there("v1", "configmaps", names.SETTINGS)),
        read(
            client,
            "webhook",
            documents.EVENTS,
            there("v1", "events"),
            fieldSelector=_ABOUT_SETTINGS,
        ),
        read(client, "certificates", documents.LEASES, leases, labelSelector=replicas.SELECTOR),
        read(client, "certificates", documents.LEADER, leader),
    )
    return Installation(namespace, *results)


def judge(read_: Installation, now: datetime) -> Judged:
    """What the documents of an installation say."""
    configuration = found(read_.configuration)
    raw = registration.entries(configuration)
    served = replicas.replicas(read_.leases, read_.leader, now)
    issuers = {one.issuer for one in served if one.current and one.issuer}
    entries = tuple(registration.entry(one, issuers) for one in raw)
    said, usable = service.settings(read_.settings, read_.events)
    return Judged(
        webhook=Webhook(
            registered=_is_there(read_.configuration),
            missed=tuple(missed(_working(raw))) if raw else (),
            deployment=service.deployment(read_.deployment),
            entries=entries,
            endpoints=service.endpoints(read_.slices),
            settings=said,
        ),
        certificates=certificates.certificates(
            _mode(read_),
            tuple(registration.all_authorities(entries)),
            served,
            replicas.said_by_leader(read_.leases, read_.leader, ROTATION),
        ),
        settings=usable,
        installed=parse(metadata(configuration).get("creationTimestamp")),
        entries=tuple(_working(raw)),
        asks=usable.image_inspection.enabled and service.may_ask(read_.deployment),
    )


def _is_there(configuration: documents.Read) -> bool | None:
    if configuration is None:
        return False
    return None if found(configuration) is None else True


def _mode(read_: Installation) -> Mode | None:
    configuration = found(read_.configuration)
    if registration.injected_by_cert_manager(configuration):
        return Mode.CERT_MANAGER
    said = replicas.said(read_.leases, CERTIFICATES)
    if said == Mode.PROVIDED or service.is_provided(read_.deployment):
        return Mode.PROVIDED
    return Mode.OWN if said or configuration else None


def _working(entries: Iterable[Object]) -> list[Object]:
    return [one for one in entries if registration.covers_pods(one)]
