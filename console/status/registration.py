"""The MutatingWebhookConfiguration: where its entries lead, what they select, whom they trust."""

import base64
import binascii
from collections.abc import Iterable, Iterator
from typing import Any

from cryptography import x509

from certs import bundle
from console.status.model import Authority, Entry
from console.status.selectors import excess
from webhook.model import Object

_MANAGED_BY = "cert-manager.io/inject-ca-from"
_PORT = 443


def entries(configuration: Object | None) -> list[Any]:
    """The entries as they stand in the configuration."""
    return list((configuration or {}).get("webhooks") or ())


def entry(one: Object, issuers: Iterable[str]) -> Entry:
    """What an entry says; `issuers` are those of the certificates that replicas serve."""
    authorities, problem = _bundle((one.get("clientConfig") or {}).get("caBundle"))
    return Entry(
        name=one.get("name", ""),
        target=_target(one.get("clientConfig") or {}),
        failure_policy=one.get("failurePolicy") or "Fail",  # the API's default
        timeout_seconds=one.get("timeoutSeconds") or 10,
        pods=covers_pods(one),
        excess=tuple(excess(one)),
        authorities=authorities,
        bundle_problem=problem,
        verifies=_verifies(authorities, tuple(issuers)),
    )


def covers_pods(one: Object) -> bool:
    """Whether an entry's rules are for pods that are created."""
    return any(map(_covers, one.get("rules") or ()))


def _covers(rule: Object) -> bool:
    wanted = {"operations": "CREATE", "apiGroups": "", "apiVersions": "v1", "resources": "pods"}
    return all({"*", value} & set(rule.get(key) or ()) for key, value in wanted.items())


def _target(client: Object) -> str:
    service = client.get("service")
    if not service:
        return str(client.get("url", ""))
    port = service.get("port") or _PORT
    return f"{service.get('namespace')}/{service.get('name')}:{port}{service.get('path') or '/'}"


def _bundle(encoded: str | None) -> tuple[tuple[Authority, ...], str | None]:
    if not encoded:
        return (), "is empty: the API server trusts only what its own machine trusts"
    try:
        certificates = bundle.read(base64.b64decode(encoded, validate=True))
    except (binascii.Error, ValueError) as error:
        return (), f"cannot be read: {error}"
    if not certificates:
        return (), "holds no certificate"
    return tuple(map(_authority, certificates)), None


def _authority(certificate: bytes) -> Authority:
    return Authority(
        subject=bundle.subject(certificate),
        fingerprint=bundle.fingerprint(certificate),
        expires=x509.load_pem_x509_certificate(certificate).not_valid_after_utc,
    )


def _verifies(authorities: tuple[Authority, ...], issuers: tuple[str, ...]) -> bool | None:
    """By name: our authorities' names hold their serial number, so no two are called the same."""
    if not issuers:
        return None
    return set(issuers) <= {one.subject for one in authorities}


def injected_by_cert_manager(configuration: Object | None) -> bool:
    """Whether cert-manager's CA injector looks after the bundles."""
    metadata = (configuration or {}).get("metadata") or {}
    return _MANAGED_BY in (metadata.get("annotations") or {})


def all_authorities(found: Iterable[Entry]) -> Iterator[Authority]:
    """The authorities of all bundles, each once."""
    seen = {authority.fingerprint: authority for one in found for authority in one.authorities}
    yield from seen.values()
