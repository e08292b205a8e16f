"""Replicas that profile images: a real API server, a real registry, one process."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import Any

from inspection.budget import HourlyBudget
from inspection.inspector import Inspector
from kube.client import Client, connect
from kube.errors import ApiError
from registry.keyring import Credential
from registry.model import Resolved
from tests.cluster import Cluster
from tests.registry import debian, images
from tests.registry.pushing import push
from tests.waiting import eventually
from tests.webhook.server.cluster.profiler import things
from tests.webhook.server.cluster.recording import Recording
from webhook.images.profile import Profile, name, read, write
from webhook.images.reference import parse
from webhook.namespaces import NamespaceObject
from webhook.server.cluster import namespaces
from webhook.server.cluster.cache import Cache, Watched
from webhook.server.cluster.context import Context
from webhook.server.cluster.event import Event
from webhook.server.cluster.image_facts import ImageFacts
from webhook.server.cluster.leadership import Leadership
from webhook.server.cluster.namespaces import Namespaces
from webhook.server.cluster.options import Options
from webhook.server.cluster.profiler.profiler import Profiler
from webhook.server.cluster.profiler.term import Pace, View
from webhook.server.cluster.profiler.work import Means
from webhook.server.cluster.tasks import Tasks
from webhook.settings import ImageInspectionSettings, Settings

IN = {"spanhook.dev/instrument": "enabled"}
READER = Credential(debian.USER, debian.PASSWORD)
PACE = Pace(changes=0.05, together=0.01, time=0.1, idle=0.2, tidy=0.2, least=0.2)


@dataclass
class Counting:
    """An inspector that notes what it is asked."""

    inspector: Inspector
    asked: list[str]

    @property
    def hour(self) -> HourlyBudget:
        """Bytes of layers that may be read."""
        return self.inspector.hour

    async def resolve(self, reference: str, **how: Any) -> Resolved:
        """Note it, and ask."""
        self.asked.append(f"resolve {parse(reference).path}")
        return await self.inspector.resolve(reference, **how)

    async def learn(self, reference: str, **how: Any) -> Any:
        """Note it, and ask; a repository named for it has found a bug of ours."""
        self.asked.append(f"learn {parse(reference).path}")
        if parse(reference).path.endswith("/bug"):
            raise RuntimeError("a bug")
        return await self.inspector.learn(reference, **how)

    async def look_inside(self, profile: Any, starts: Sequence[Any], **how: Any) -> Profile:
        """Note it, and ask."""
        repository = parse(how["reference"]).path if how.get("reference") else ""
        self.asked.append(f"look {repository} {[one.argv for one in starts]}")
        return await self.inspector.look_inside(profile, starts, **how)


@dataclass
class Replica:
    """One replica's profiler, and what it knows of images."""

    name: str
    facts: ImageFacts
    leadership: Leadership
    recording: Recording
    profiler: Profiler
    tasks: Tasks
    asked: list[str] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    settings: Settings = field(default_factory=Settings)

    def set(self, settings: Settings) -> None:
        """Other settings."""
        self.settings = settings
        self.facts.take(settings)

    def count(self, outcome: str) -> float:
        """How many images came to this."""
        return self.recording.metric("spanhook_profiler_images_total", outcome=outcome) or 0.0

    def asked_about(self, repository: str) -> list[str]:
        """What was asked about one repository."""
        return [one for one in self.asked if one.split()[1] == repository]

    async def stop(self) -> None:
        """As at the end of the server."""
        await self.facts.close()
        await self.tasks.stop()


@dataclass
class Limited:
    """A client without the right to read what is in a path."""

    client: Client
    without: str

    def __getattr__(self, method: str) -> Any:
        """The client's method, refused for that path."""
        found = getattr(self.client, method)

        def ask(*arguments: Any, **options: Any) -> Any:
            if self.without in str(arguments):
                raise ApiError(403, "Forbidden", "no right")
            return found(*arguments, **options)

        return ask


@dataclass
class Stage:
    """A namespace for the Lease, a registry, and replicas."""

    cluster: Cluster
    home: str
    client: Client
    registry: debian.Running
    replicas: list[Replica] = field(default_factory=list)

    def settings(self, **fields: Any) -> Settings:
        """Settings by which the registry may be asked."""
        host = self.registry.host
        inspection = ImageInspectionSettings(plain_http=(host,), local=(host,), **fields)
        return Settings(image_inspection=inspection)

    def start(self, name: str, without: str = "/nothing/", **fields: Any) -> Replica:
        """A replica that begins; it may not read what is at a path. Fields are settings."""
        recording = Recording()
        client: Any = Limited(self.client, without)
        options = Options(namespace=self.home, replica=name)
        log, telemetry = recording.log, recording.telemetry
        leadership = Leadership(client, options, log, telemetry)
        facts = ImageFacts({}, log, telemetry)
        events: list[Event] = []
        heard: Any = _Heard(events)
        context = Context(client, options, log, telemetry, heard, lambda: None, leadership)
        spaces = Namespaces()
        known = Cache(Watched("namespaces", namespaces.PATH, NamespaceObject, spaces), log)
        tasks = Tasks(log, telemetry)
        facts.start(tasks, context)
        asked: list[str] = []
        means = _counted(facts.means(), asked)
        replica: Replica
        view = View(spaces.known, lambda: known.synced, lambda: replica.settings)
        profiler = Profiler(context, view, means, PACE)
        replica = Replica(name, facts, leadership, recording, profiler, tasks, asked, events)
        replica.set(self.settings(**fields))
        profiles = Cache(facts.watched, log)
        tasks.start("namespaces", partial(known.run, self.client))
        tasks.start("profiles", partial(profiles.run, self.client))
        tasks.start("leader", leadership.run)
        tasks.start("profiler", profiler.run)
        self.replicas.append(replica)
        return replica

    def push(self, repository: str, tag: str = "1", *layers: images.Blob, **config: Any) -> str:
        """An image in the registry, unlike that of any other repository; its reference."""
        config.setdefault("Labels", {"repository": repository})
        made = images.image(*layers, configuration=images.config(**config))
        push(self.registry.url, repository, made, tag, authorization=READER.basic)
        return f"{self.registry.host}/{repository}:{tag}"

    def profiles(self, repository: str) -> list[Profile]:
        """The profiles that a repository's tags name."""
        found = map(read, self.cluster.list("ImageProfile"))
        prefix = f"{self.registry.host}/{repository}:"
        return [one for one in found if any(r.name.startswith(prefix) for r in one.references)]

    async def profile(self, repository: str) -> Profile:
        """The one profile of a repository, when it is there."""
        found = await eventually(lambda: self.profiles(repository), f"a profile of {repository}")
        assert len(found) == 1
        return found[0]

    def run(self, pod: str, namespace: str, image_id: str) -> None:
        """Say what a node says of a pod: which image it runs."""
        status = {"name": "app", "imageID": image_id, "image": "", "ready": True}
        status |= {"restartCount": 0, "state": {}}
        change = {"status": {"phase": "Running", "containerStatuses": [status]}}
        answer = self.cluster.patch("Pod", pod, change, namespace, subresource="status")
        assert answer.status == 200, answer.message

    def there(self, profile: Profile) -> bool:
        """Whether the cluster has it."""
        return self.cluster.get("ImageProfile", name(profile.digest)) is not None

    def last_used(self, profile: Profile) -> datetime | None:
        """When it was last used, as far as that is noted."""
        found = self.cluster.get("ImageProfile", name(profile.digest))
        return None if found is None else read(found).last_used

    def stale(self, repository: str) -> Profile:
        """A profile that nobody has used for years."""
        digest = f"sha256:{sha256(repository.encode()).hexdigest()}"
        old = things.profile(digest, {f"{self.registry.host}/{repository}:1": 0.0}, learnt=0.0)
        self.cluster.apply(write(old))
        return old

    def age(self, profile: Profile, revision: int) -> None:
        """Make a profile one of other code."""
        change = {"status": {"revision": revision}}
        self.cluster.patch("ImageProfile", name(profile.digest), change)

    def pull_secret(self, namespace: str = "", secret: str = "spanhook-pull") -> None:
        """Credentials for the registry, in our namespace or in another."""
        entry = {"username": debian.USER, "password": debian.PASSWORD}
        document = json.dumps({"auths": {self.registry.host: entry}})
        made = {
            "apiVersion": "v1",
            "kind": "Secret",
            "type": "kubernetes.io/dockerconfigjson",
            "metadata": {"name": secret, "namespace": namespace or self.home},
            "stringData": {".dockerconfigjson": document},
        }
        assert self.cluster.create(made, namespace=namespace or self.home).status == 201

    def delete(self, profile: Profile) -> None:
        """Take a profile away."""
        self.cluster.delete("ImageProfile", name(profile.digest))


@dataclass
class _Heard:
    """Takes Events."""

    events: list[Event]

    def say(self, event: Event) -> None:
        """An Event."""
        self.events.append(event)


def _counted(means: Means, asked: list[str]) -> Means:
    def inspector() -> Any:
        found = means.inspector()
        return None if found is None else Counting(found, asked)

    return Means(inspector, means.keyring, means.known, means.publish, means.settings)


def play(
    api: Cluster, registry: debian.Running, act: Callable[[Stage], Coroutine[Any, Any, None]]
) -> None:
    """Act on a stage."""

    async def whole(home: str) -> None:
        async with _stage(api, home, registry) as stage:
            await act(stage)

    with api.namespace() as home:
        asyncio.run(whole(home))


@asynccontextmanager
async def _stage(api: Cluster, home: str, registry: debian.Running) -> AsyncIterator[Stage]:
    async with connect(api.kubeconfig) as client:
        stage = Stage(api, home, client, registry)
        try:
            yield stage
        finally:
            for one in stage.replicas:
                with suppress(asyncio.CancelledError):
                    await one.stop()
