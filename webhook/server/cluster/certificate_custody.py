"""What the Secret is worth: whether it is taken up, kept out, or mended from memory."""

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Protocol

from certs.authority import Leaf, Name
from certs.holdings import Holdings, Time
from certs.secret import SecretError, left_unrenewed, provided
from certs.succession import may_restore, objection
from kube.errors import ApiError
from webhook.server import tls
from webhook.server.cluster.certificate_bundles import Configuration
from webhook.server.cluster.certificate_leader import Leader, Stores
from webhook.server.cluster.certificate_notices import Notices
from webhook.server.cluster.certificate_secret import ROTATE, Secret


@dataclass(frozen=True, slots=True)
class View:
    """What a round has read. `configuration` only where it was asked for: by the leader."""

    secret: Secret | None
    configuration: Configuration | None
    time: Time


@dataclass(frozen=True, slots=True)
class Verdict:
    """`leaf`: what to serve. `holdings`: what to lead by.

    `writable`: whether the Secret may get what follows from them. `again`: it was just mended.
    """

    leaf: Leaf | None
    holdings: Holdings | None = None
    writable: bool = False
    again: bool = False


class Custody(Protocol):
    """Keeps what was sound, whatever comes."""

    async def examine(self, view: View) -> Verdict:
        """Judge what was read. Raises `kube.errors.KubeError`."""
        ...


class Provided:
    """Somebody else issues the certificates: they are read and judged, never written."""

    def __init__(self, names: tuple[Name, ...], notices: Notices) -> None:
        self._names = names
        self._notices = notices
        self._leaf: Leaf | None = None

    async def examine(self, view: View) -> Verdict:
        """Take up what does; keep what did."""
        try:
            self._leaf = self._accepted(view)
            self._notices.wrong("secret", None)
        except SecretError as error:
            kept = "" if self._leaf is None else "; the last good certificate is served on"
            self._notices.wrong("secret", f"{error}{kept}")
        self._warn(view.time)
        return Verdict(self._leaf)

    def _accepted(self, view: View) -> Leaf:
        if view.secret is None:
            raise SecretError("the Secret does not exist; has its issuer made it?")
        leaf = provided(view.secret.data, self._names, view.time)
        if leaf != self._leaf and (why := refusal(leaf)) is not None:
            raise SecretError(why)
        return leaf

    def _warn(self, time: Time) -> None:
        left = None if self._leaf is None else left_unrenewed(self._leaf, time)
        if self._leaf is None or left is None:
            self._notices.wrong("renewal", None)
            return
        expires = f"{self._leaf.expires:%Y-%m-%d %H:%M} UTC"
        self._notices.wrong("renewal", f"tls.crt expires at {expires}, and nobody has renewed it")


class Own:
    """The webhook issues its certificates itself; `Leader` does, and every replica remembers."""

    def __init__(  # noqa: PLR0913  # each of another kind, all by name
        self,
        *,
        stores: Stores,
        leader: Leader,
        names: tuple[Name, ...],
        notices: Notices,
        is_leader: Callable[[], bool],
        interval: float,
        patience: float,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._stores = stores
        self._leader = leader
        self._names = names
        self._notices = notices
        self._is_leader = is_leader
        self._interval = interval
        self._patience = patience
        self._clock = clock
        self._memory: Holdings | None = None
        self._since: float | None = None

    async def examine(self, view: View) -> Verdict:
        """Take up what API servers would believe; else put back what they did."""
        found = None if view.secret is None else view.secret.reading.holdings
        if found is not None:
            self._leader.remember(found.trusted)
        self._judge_wish(view.secret)
        why = await self._objection(view, found)
        if why is None:
            self._since = None
            self._notices.wrong("secret", None)
            self._memory = found or self._memory
            return Verdict(
                None if found is None else found.leaf, found, writable=view.secret is not None
            )
        if self._memory is None:
            return self._salvaged(why, found)
        self._since = self._clock() if self._since is None else self._since
        self._notices.wrong("secret", f"{why}; the certificate in memory is served on")
        again = await self._restored(view, self._memory)
        return Verdict(self._memory.leaf, self._memory, again=again)

    def _salvaged(self, why: str, found: Holdings | None) -> Verdict:
        """Nothing in memory: what is sound of a broken Secret is better than nothing."""
        if found is None:
            self._notices.wrong("secret", why)
            return Verdict(None)
        self._notices.wrong("secret", f"{why}; the rest is used")
        if found.leaf is not None:
            self._memory = found  # and so the Secret is mended in the next round
        return Verdict(found.leaf, found, writable=True, again=found.leaf is not None)

    async def _objection(self, view: View, found: Holdings | None) -> str | None:
        if view.secret is None:
            return "the Secret does not exist: apply the manifests again"
        if problems := view.secret.reading.problems:
            advice = "" if found or self._memory else " (to begin anew, take out all its data)"
            return "; ".join(problems) + advice
        if found is None:
            return "the Secret is empty" if self._memory is not None else None
        why = objection(self._memory, found, (), view.time, self._names)
        if why is not None:
            read = view.configuration or await self._stores.bundles.read()
            bundles = () if read is None else read.bundles
            why = objection(self._memory, found, bundles, view.time, self._names)
        if why is None and found.leaf is not None and not self._serves(found.leaf):
            return refusal(found.leaf)
        return why

    def _serves(self, leaf: Leaf) -> bool:
        return self._memory is not None and self._memory.leaf == leaf

    async def _restored(self, view: View, memory: Holdings) -> bool:
        """Put back what we remember, if it is for us to do; whether it was tried."""
        if view.secret is None or self._since is None:
            return False
        leads, waited = self._is_leader(), self._clock() - self._since
        if not leads and waited < 2 * self._interval:
            return False
        read = view.configuration or await self._stores.bundles.read()
        bundles = () if read is None else read.bundles
        others = await self._stores.replicas.others()
        if not may_restore(memory, bundles, others, leads=leads) and not (
            leads and waited >= self._patience
        ):
            return False
        try:
            await self._stores.secret.write(view.secret, memory)
        except ApiError as error:
            if error.conflict or error.not_found:
                return True
            self._notices.wrong("write", f"the Secret cannot be written: {error}")
            return False
        self._notices.wrong("write", None)
        self._notices.did("certificates put back into the Secret")
        return True

    def _judge_wish(self, secret: Secret | None) -> None:
        wish = None if secret is None else secret.wish
        unknown = wish is not None and secret is not None and secret.asked is None
        self._notices.wrong(
            "wish", f'{ROTATE}: "{wish}" is neither authority nor leaf' if unknown else None
        )


def refusal(leaf: Leaf) -> str | None:
    """Why OpenSSL would not serve the leaf, None where it would."""
    try:
        tls.load(tls.server_context(), leaf)
    except (ssl.SSLError, ValueError) as error:
        return f"tls.crt: OpenSSL refuses it: {error}"
    return None
