"""Admissions that wait for a registry, the registry and the time being the test's own."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from registry.errors import NotFound, RegistryError, Unauthorized
from registry.keyring import Keyring
from registry.model import Resolved
from registry.spent import Spent
from tests.webhook.server.cluster.recording import Recording
from tests.webhook.server.serving import review
from webhook.images import configuration
from webhook.images.profile import Learnt, PlatformFacts, Profile, Reference
from webhook.images.reference import canonical, parse
from webhook.model import Facts
from webhook.server.cluster.image_facts import asked
from webhook.server.cluster.lookup import Clocks, Lookup, Sources
from webhook.server.cluster.lookup_counts import Counts
from webhook.server.cluster.profiles import Profiles
from webhook.server.limits import Limits
from webhook.server.reviewer import Answer, Reviewer
from webhook.server.waiting import Waiting
from webhook.settings import Settings

Json = dict[str, Any]
PYTHON = {"architecture": "amd64", "os": "linux", "config": {"Cmd": ["python3", "/app.py"]}}
JAVA = {"architecture": "amd64", "os": "linux", "config": {"Cmd": ["java", "-jar", "/app.jar"]}}
MIDNIGHT = 1_700_000_000.0
"""The time of day at which a test begins."""
RESOLVING, LEARNING = Spent(1, 500), Spent(3, 4_000)


def digest(text: str) -> str:
    """A digest that is the same for the same text."""
    return f"sha256:{sha256(text.encode()).hexdigest()}"


def at(seconds: float = 0.0) -> datetime:
    """A time of day, in seconds after the beginning."""
    return datetime.fromtimestamp(MIDNIGHT + seconds, UTC)


def profile(
    text: str, document: Json = PYTHON, *tags: tuple[str, float], platform: str = "linux/amd64"
) -> Profile:
    """The profile of an image whose digest is made of `text`; tags with when they were seen."""
    part = PlatformFacts(platform, digest(f"{text} {platform}"), configuration.read(document))
    references = tuple(Reference(canonical(name), at(seconds)) for name, seconds in tags)
    return Profile(digest(text), references, (part,), (), Learnt(at(), "0.1.0"))


@dataclass(frozen=True, slots=True)
class Learning:
    """What an inspector says of an image."""

    profile: Profile
    spent: Spent


Delay = Callable[[], Awaitable[object]]


@dataclass
class Registry:
    """Stands in for the inspector: tags point to texts, of which digests are made."""

    tags: dict[str, str] = field(default_factory=dict)
    documents: dict[str, Json] = field(default_factory=dict)
    faults: dict[str, RegistryError | Exception] = field(default_factory=dict)
    """By canonical reference of a tag."""
    seconds: float = 0.0
    """What each request takes."""
    asked: list[str] = field(default_factory=list)
    platforms: list[Collection[str]] = field(default_factory=list)
    readers: Collection[Keyring] | None = None
    """Who may read; everybody where there is none."""
    at_a_time: int = 0
    most: int = 0

    def push(self, reference: str, text: str, document: Json = PYTHON) -> None:
        """Have a tag."""
        self.tags[canonical(reference)] = text
        self.documents[digest(text)] = document

    async def resolve(self, reference: str, *, deadline: float, keyring: Keyring) -> Resolved:
        """As the inspector's."""
        if self.readers is not None and keyring not in self.readers:
            raise _spending(Unauthorized(reference), RESOLVING)
        await self._pass(f"resolve {reference}", reference, deadline)
        if reference not in self.tags:
            raise _spending(NotFound(reference), RESOLVING)
        return Resolved(digest(self.tags[reference]), "", RESOLVING)

    async def learn(
        self, reference: str, *, deadline: float, platforms: Collection[str], keyring: Keyring
    ) -> Learning:
        """As the inspector's."""
        assert self.readers is None or keyring in self.readers
        self.platforms.append(platforms)
        await self._pass(f"learn {reference}", reference, deadline)
        found = parse(reference).digest
        text = next(text for text in self.tags.values() if digest(text) == found)
        return Learning(profile(text, self.documents[digest(text)]), LEARNING)

    async def _pass(self, line: str, reference: str, deadline: float) -> None:
        self.asked.append(line)
        self.at_a_time += 1
        self.most = max(self.most, self.at_a_time)
        try:
            await asyncio.sleep(self.seconds)
        finally:
            self.at_a_time -= 1
        assert deadline > asyncio.get_running_loop().time()
        if (fault := self.faults.get(reference)) is not None:
            raise fault


def _spending(error: RegistryError, spent: Spent) -> RegistryError:
    error.spent = spent
    return error


@dataclass
class Keyrings:
    """Credentials by pull secret."""

    keyrings: Mapping[str, Keyring] = field(default_factory=dict)
    seconds: float = 0.0

    async def keyring(self, namespace: str, names: Sequence[str]) -> Keyring:  # noqa: ARG002
        """The first that is there."""
        await asyncio.sleep(self.seconds)
        return next((self.keyrings[name] for name in names if name in self.keyrings), Keyring())


@dataclass(frozen=True, slots=True)
class Reply:
    """What a pod got, and after how long."""

    answer: Answer
    seconds: float

    @property
    def response(self) -> Json:
        """As the API server reads it."""
        found: Json = json.loads(self.answer.body)["response"]
        return found

    @property
    def decisions(self) -> str:
        """One word for each container."""
        return str(self.response["auditAnnotations"]["decisions"])

    @property
    def warnings(self) -> str:
        """All warnings."""
        return "\n".join(self.response.get("warnings", ()))


class Stage:
    """A reviewer and all that is behind it, with a registry of the test's own."""

    def __init__(self, registry: Registry | None = None, limits: Limits | None = None) -> None:
        loop = asyncio.get_running_loop()
        self._began = loop.time()
        self.registry = registry or Registry()
        self.recording = Recording()
        self.keyrings = Keyrings()
        self.inspector: Registry | None = self.registry
        self.written: list[Profile] = []
        telemetry, log = self.recording.telemetry, self.recording.log
        self.profiles = Profiles(log, telemetry, self.day)
        self.counts = Counts(log, telemetry)
        sources = Sources(lambda: self.inspector, self.keyrings, self.profiles, self.written.append)
        self.lookup = Lookup(sources, self.counts, Clocks(loop.time, self.day))
        self.reviewer = Reviewer(Settings(), Facts(self.profiles.known), opted_in=True, asks=True)
        self.waiting = Waiting(
            self.reviewer,
            lambda one, missing, until: self.lookup.fetch(asked(one, missing), until),
            limits or Limits(),
            loop.time,
        )

    def day(self) -> float:
        """The time of day."""
        return MIDNIGHT + asyncio.get_running_loop().time() - self._began

    async def admit(
        self, *images: str, query: bytes = b"", spec: Json | None = None, **request: Any
    ) -> Reply:
        """What a pod of these images gets."""
        loop = asyncio.get_running_loop()
        containers = [{"name": f"c{n}", "image": image} for n, image in enumerate(images)]
        whole = {"containers": containers} | (spec or {})
        pod = {"metadata": {"generateName": "cart-"}, "spec": whole}
        body = json.dumps(review(object=pod, **request)).encode()
        began = loop.time()
        answer = self.reviewer.answer(body)
        if answer.missing:
            answer = await self.waiting(answer, len(body), query)
        assert answer.failure is None, answer.failure
        reply = Reply(answer, loop.time() - began)
        assert answer.status == 200
        assert reply.response["allowed"] is True
        return reply

    def inspecting(self, **fields: Any) -> None:
        """Change settings of the inspection."""
        settings = self.reviewer.settings
        changed = {
            name: getattr(settings.image_inspection, name)
            for name in settings.image_inspection.__struct_fields__
        } | fields
        inspection = type(settings.image_inspection)(**changed)
        self.reviewer.settings = Settings(image_inspection=inspection)
        self.profiles.take(inspection)

    def metric(self, name: str, **labels: str) -> float:
        """A metric's value."""
        return self.recording.metric(f"spanhook_{name}", **labels) or 0.0


def renamed(found: Profile, *tags: tuple[str, float]) -> Profile:
    """The profile with other tags."""
    return replace(
        found, references=tuple(Reference(canonical(name), at(when)) for name, when in tags)
    )
