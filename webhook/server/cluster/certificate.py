"""The certificate that is served: one of nobody's until the cluster's is there.

So that the server can listen, and say in `/readyz` what it waits for, from its first second.
"""

from typing import Protocol

from certs.authority import Authority, Leaf
from webhook.server.endpoint import Endpoint
from webhook.server.service import now


class Keeper(Protocol):
    """Looks after the cluster's certificate while `run` runs.

    It asks for `Context.refresh` when `leaf` has changed: then the new one is served at once.
    """

    @property
    def leaf(self) -> Leaf | None:
        """What to serve now; None while there is none."""
        ...

    @property
    def problem(self) -> str | None:
        """Why there is none, or what is wrong with a newer one; None when all is well."""
        ...

    async def run(self) -> None:
        """Keep it up to date; never returns."""
        ...


class Served:
    """The source of the server's certificate (`webhook.server.tls.Source`)."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._first = Authority.create(now()).issue(endpoint.subjects, now())
        self.keeper: Keeper | None = None

    def __call__(self) -> Leaf:
        """The certificate to serve now."""
        leaf = self.keeper.leaf if self.keeper is not None else None
        return leaf or self._first

    def check(self) -> str | None:
        """What keeps the server from being ready."""
        if self.keeper is None:
            return "not looked for yet"
        if self.keeper.leaf is None:
            return self.keeper.problem or "none yet"
        return None if self.keeper.leaf.is_valid(now()) else "not valid now"

    def note(self) -> str:
        """What `/readyz?verbose` says of it."""
        problem = self.keeper.problem if self.keeper is not None else None
        expires = f"served until {self().expires:%Y-%m-%d %H:%M} UTC"
        return f"{expires}; {problem}" if problem else expires
