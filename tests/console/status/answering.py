"""An API server that answers from a table, and what is read from it."""

import asyncio
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

import msgspec

from console.status import reading
from console.status.model import Status
from console.status.progress import Progress
from console.status.reading import Scope
from kube.errors import ApiError, Oversized
from tests.console.status.documents import NOW, installation, namespace, stamp

Json = dict[str, Any]

SYSTEM = "spanhook-system"
SPACE = f"/api/v1/namespaces/{SYSTEM}"
APPS = "/apis/apps/v1/namespaces"
PROFILES = "/apis/spanhook.dev/v1alpha1/imageprofiles"


class FakeClient:
    """An API server that answers from a table: path → object, list of objects, or error."""

    namespace: str | None = None
    time: datetime | None = None

    def __init__(self, answers: Json, page: int = 1000) -> None:
        self.answers = answers
        self.page = page
        self.asked: list[tuple[str, Json]] = []

    async def get(self, path: str, **query: str) -> Json:
        """A document."""
        return msgspec.json.decode(await self.read(path, **query), type=Json)

    async def read(self, path: str, **query: str) -> bytes:
        """A document's bytes; a list comes in pages."""
        self.asked.append((path, query))
        answer = self.answers.get(path, ApiError(404, "NotFound", "not found"))
        if callable(answer):
            answer = answer(query)
        if isinstance(answer, Exception):
            raise answer
        return msgspec.json.encode(self._page(answer, query) if "limit" in query else answer)

    async def read_at_most(self, most: int, path: str, **query: str) -> bytes:
        """The same; raises Oversized."""
        answer = await self.read(path, **query)
        if len(answer) > most:
            raise Oversized(path)
        return answer

    def _page(self, answer: Json, query: Json) -> Json:
        first = int(query.get("continue", 0))
        items, last = answer["items"], first + min(self.page, int(query["limit"]))
        rest = {"continue": str(last)} if last < len(items) else {}
        return {"metadata": rest, "items": items[first:last]}


def answers(*pods: Json, **changes: Any) -> Json:
    """An installation that is well, and one opted-in namespace with pods; keywords change it."""
    well = installation()
    admission = "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/spanhook"
    leases = f"/apis/coordination.k8s.io/v1/namespaces/{SYSTEM}/leases"
    shop = namespace("shop", "enabled", stamp(timedelta(hours=1)))
    found: Json = {
        "configuration": (admission, well.configuration),
        "deployment": (f"{APPS}/{SYSTEM}/deployments/spanhook-webhook", well.deployment),
        "slices": (
            f"/apis/discovery.k8s.io/v1/namespaces/{SYSTEM}/endpointslices",
            well.slices,
        ),
        "settings": (f"{SPACE}/configmaps/spanhook-settings", well.settings),
        "events": (f"{SPACE}/events", well.events),
        "leases": (leases, well.leases),
        "leader": (f"{leases}/spanhook-webhook", well.leader),
        "namespaces": ("/api/v1/namespaces", {"items": [shop]}),
        "shop": ("/api/v1/namespaces/shop", shop),
        "pods": ("/api/v1/namespaces/shop/pods", {"items": [*pods]}),
        "everywhere": ("/api/v1/pods", {"items": []}),
        "profiles": (PROFILES, {"items": []}),
        "agents": (
            f"{APPS}/spanhook-node/daemonsets/spanhook-node-agent",
            {
                "spec": {
                    "template": {
                        "spec": {"containers": [{"image": "ghcr.io/spanhook/node-agent:0.1.0"}]}
                    }
                },
                "status": {"desiredNumberScheduled": 3, "numberReady": 3},
            },
        ),
        "said": ("/api/v1/namespaces/shop/events", {"items": []}),
    }
    return {path: changes.get(name, answer) for name, (path, answer) in found.items()}


def ask(client: FakeClient, *namespaces: str, now: datetime = NOW, **scope: Any) -> Status:
    """What is read, where our own clock says `now`."""
    progress = Progress(stream=StringIO())
    one = Scope(SYSTEM, namespaces, **scope)
    return asyncio.run(reading.status(client, one, progress, now))  # type: ignore[arg-type]


def forbidden(what: str = "pods") -> ApiError:
    """A refusal as the API server words it."""
    return ApiError(403, "Forbidden", f'{what} is forbidden: User "u" cannot list')
