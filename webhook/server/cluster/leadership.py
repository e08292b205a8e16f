"""Whether this replica leads: one Lease for everything that only one replica does.

Who leads moves certificates on and profiles images; the others follow, and are ready to take over.
"""

from collections.abc import Callable

from kube.election import Election
from kube.objects import Objects
from webhook.names import LEADER
from webhook.server.cluster.options import Options
from webhook.server.logs import Log
from webhook.server.telemetry import Telemetry


class Leadership:
    """A candidate for the Lease while `run` runs."""

    def __init__(self, client: Objects, options: Options, log: Log, telemetry: Telemetry) -> None:
        self._log = log
        self._hearers: list[Callable[[bool], None]] = []
        self._election = Election(
            client, options.namespace, LEADER, options.replica, changed=self._changed
        )
        telemetry.watch("leader", "1 while this replica leads.", lambda: self.is_leader)

    @property
    def is_leader(self) -> bool:
        """Whether we lead now, by our own clock."""
        return self._election.is_leader

    def tell(self, hear: Callable[[bool], None]) -> None:
        """Have `hear` called with whether we lead, each time that it changes."""
        self._hearers.append(hear)

    async def run(self) -> None:
        """Be a candidate until cancelled; then let go of the Lease."""
        await self._election.run()

    def _changed(self, leads: bool) -> None:  # noqa: FBT001  # kube.election calls it so
        self._log.event("info", "leads the replicas" if leads else "follows another replica")
        for hear in self._hearers:
            hear(leads)
