"""Credentials for registries: from our own pull secret, and from pods' where that is allowed.

whose                    which Secret                            read
-----------------------  --------------------------------------  --------------------------------
ours                     `pullSecret` in our own namespace       always, by its name
a pod's                  its `imagePullSecrets`, its namespace   with `readPullSecrets` and the
                                                                 role of component `pull-secrets`

A pod's own are tried first, as the kubelet has only those. What cannot be had or read counts as no
credentials: it is said once and counted, and what is in a Secret is never said.
"""

import asyncio
import binascii
from base64 import b64decode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any, Final

from kube.errors import ApiError, KubeError
from kube.paths import path
from registry.keyring import Keyring, KeyringError, parse, parse_legacy
from registry.recent import Recent
from webhook.server.cluster.context import Context
from webhook.server.cluster.memory import Memory
from webhook.settings import ImageInspectionSettings

_KEPT: Final = 1024
_GOOD_SECONDS: Final = 300.0
_WRONG_SECONDS: Final = 60.0
"""Who corrects a Secret need not wait for long."""
_SILENCE: Final = 3600.0
_NAMES: Final = 16
"""Secrets of one pod that are read: each costs the API server a request."""
_BYTES: Final = 256 << 10
_ENTRIES: Final = 256
"""Registries of one Secret: each is compared with the name of every image."""
_FORMATS: Final[Mapping[str, Callable[[bytes], Keyring]]] = {
    ".dockerconfigjson": parse,
    ".dockercfg": parse_legacy,
}
_OUTCOMES: Final = ("read", "absent", "forbidden", "malformed", "failed")
_NOTHING: Final = Keyring()

_Place = tuple[str, str]
"""Namespace and name."""


@dataclass(frozen=True, slots=True)
class _Kept:
    keyring: Keyring
    until: float


class Keyrings:
    """Reads Secrets when they are asked for, and keeps what is in them for up to five minutes."""

    def __init__(
        self,
        context: Context,
        settings: Callable[[], ImageInspectionSettings],
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._client = context.client
        self._namespace = context.options.namespace
        self._settings = settings
        self._log = context.log
        self._clock = clock
        self._kept: Recent[_Place, _Kept] = Recent(_KEPT)
        self._reading: dict[_Place, asyncio.Task[Keyring]] = {}
        self._said = Memory(_SILENCE, clock)
        counter = context.telemetry.counter(
            "pull_secrets", "Pull secrets that were read, by what came of it.", "outcome"
        )
        self._counts = {outcome: counter.labels(outcome) for outcome in _OUTCOMES}

    async def keyring(self, namespace: str, names: Sequence[str]) -> Keyring:
        """Credentials for a pod's images; never raises. `names`: its `imagePullSecrets`."""
        places = [(namespace, name) for name in dict.fromkeys(names) if name]
        wanted = places[:_NAMES] if self._settings().read_pull_secrets and namespace else []
        if own := self._settings().pull_secret:
            wanted.append((self._namespace, own))
        total = _NOTHING
        for found in await asyncio.gather(*map(self._obtain, dict.fromkeys(wanted))):
            total = total + found if total.entries else found
        return total

    async def _obtain(self, place: _Place) -> Keyring:
        kept = self._kept.get(place)
        if kept is not None and self._clock() < kept.until:
            return kept.keyring
        task = self._reading.get(place)
        if task is None:
            task = self._reading[place] = asyncio.create_task(self._read(place))
            task.add_done_callback(lambda _: self._reading.pop(place, None))
        # Whoever gives up waiting does not take the answer away from the others.
        return await asyncio.shield(task)

    async def _read(self, place: _Place) -> Keyring:
        namespace, name = place
        try:
            secret = await self._client.get(path("v1", "secrets", namespace=namespace, name=name))
            found = _keyring(secret)
        except (KubeError, KeyringError, ValueError) as error:
            return self._failed(place, error)
        self._counts["read"].inc()
        self._said.forget(place)
        self._kept.put(place, _Kept(found, self._clock() + _GOOD_SECONDS))
        return found

    def _failed(self, place: _Place, error: Exception) -> Keyring:
        """What is known of a Secret that cannot be read now: what it last held, if it is there."""
        outcome = _outcome(error)
        self._counts[outcome].inc()
        before = self._kept.get(place)
        found = before.keyring if outcome == "failed" and before is not None else _NOTHING
        self._kept.put(place, _Kept(found, self._clock() + _WRONG_SECONDS))
        # Our own need not be there: most clusters do without.
        optional = outcome == "absent" and place == (self._namespace, self._settings().pull_secret)
        if not optional and self._said.is_new(place):
            namespace, name = place
            self._log.event(
                "warning",
                "pull secret cannot be used; images are asked for without it",
                namespace=namespace,
                secret=name,
                error=str(error),
            )
        return found


def _outcome(error: Exception) -> str:
    if not isinstance(error, KubeError):
        return "malformed"
    if isinstance(error, ApiError) and error.not_found:
        return "absent"
    return "forbidden" if isinstance(error, ApiError) and error.forbidden else "failed"


def _keyring(secret: Mapping[str, Any]) -> Keyring:
    """Raises KeyringError, whose text has nothing of what is in the Secret."""
    data = secret.get("data")
    for key, read in _FORMATS.items():
        text = data.get(key) if isinstance(data, Mapping) else None
        if not isinstance(text, str):
            continue
        if len(text) > _BYTES:
            raise KeyringError(f"{key} has over {_BYTES} characters")
        found = read(_decoded(key, text))
        if len(found.entries) > _ENTRIES:
            raise KeyringError(f"{key} has over {_ENTRIES} registries")
        return found
    raise KeyringError(f"it has no key {' and no '.join(_FORMATS)}")


def _decoded(key: str, text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise KeyringError(f"{key} is not base64") from None
