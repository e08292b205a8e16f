"""Asks registries about images: some at a time, each within its own time."""

import asyncio
import os
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

from console.images.credentials import Credentials
from console.images.credentials import read as read_credentials
from console.images.progress import Progress
from console.images.registries import Registries
from console.images.seen import Fault, Seen, Wanted
from console.manifests.errors import InputError
from inspection.faults import absence
from inspection.inspector import Inspector, connect
from inspection.learning import Learning
from inspection.look import Look
from inspection.starts import start
from registry.errors import RegistryError, Unauthorized, Unreachable
from registry.spent import Spent
from webhook.images import profile as profiles
from webhook.images.layers import Start
from webhook.images.reference import parse
from webhook.settings import ImageInspectionSettings

_AT_ONCE = 8
"""Images at a time: a registry takes so many requests of ours, and layers have their own turn."""


def ask(
    wanted: Sequence[Wanted], registries: Registries, given: ImageInspectionSettings
) -> tuple[Seen, ...]:
    """What the registries say, in the order asked. Raises InputError for what cannot be used."""
    credentials = read_credentials(os.environ, Path.home())
    settings = registries.settings(given, tuple(one.reference for one in wanted))
    progress = Progress(total=len(wanted))
    try:
        return asyncio.run(_ask(wanted, registries, settings, credentials, progress))
    finally:
        progress.done()


async def _ask(
    wanted: Sequence[Wanted],
    registries: Registries,
    settings: ImageInspectionSettings,
    credentials: Credentials,
    progress: Progress,
) -> tuple[Seen, ...]:
    turns = asyncio.Semaphore(_AT_ONCE)
    try:
        async with connect(settings) as inspector:
            asking = _Asking(inspector, registries, credentials, asyncio.Lock())

            async def one(each: Wanted) -> Seen:
                async with turns:
                    seen = await asking.image(each)
                progress.read(seen)
                return seen

            return tuple(await asyncio.gather(*map(one, wanted)))
    except ssl.SSLError as error:
        raise InputError("the certificate authorities are no certificates (PEM)") from error
    except ValueError as error:
        raise InputError(str(error)) from error


@dataclass(frozen=True, slots=True)
class _Asking:
    inspector: Inspector
    registries: Registries
    credentials: Credentials
    looks: asyncio.Lock
    """Layers are read one image after the other: each gets the whole time."""

    async def image(self, wanted: Wanted) -> Seen:
        """One image; a fault of its registry is part of the answer."""
        began = perf_counter()
        try:
            seen = await self._read(wanted)
        except RegistryError as error:
            seen = Seen(wanted.reference, fault=self._fault(wanted, error), spent=error.spent)
        return replace(seen, seconds=perf_counter() - began)

    async def _read(self, wanted: Wanted) -> Seen:
        learned = await self.inspector.learn(
            wanted.reference,
            deadline=self._deadline(),
            platforms=self.registries.platforms or wanted.platforms,
            keyring=self.credentials.keyring,
        )
        profile, spent, look = learned.profile, learned.spent, None
        if starts := self._starts(wanted, profile):
            look = await self._look(learned, starts)
            profile = replace(profile, commands=look.commands)
            spent = Spent(spent.requests + look.spent.requests, spent.bytes + look.spent.bytes)
        document = learned.images[0].config
        return Seen(wanted.reference, profile, profiles.image(profile), document, look, None, spent)

    async def _look(self, learned: Learning, starts: Sequence[Start]) -> Look:
        async with self.looks:
            return await self.inspector.look(
                learned,
                starts,
                deadline=self._deadline(),
                keyring=self.credentials.keyring,
                thorough=True,
            )

    def _deadline(self) -> float:
        return asyncio.get_running_loop().time() + self.registries.timeout

    def _starts(self, wanted: Wanted, profile: profiles.Profile) -> list[Start]:
        if not self.registries.layers:
            return []
        image = profiles.image(profile)
        found = (
            start({**container, "image": wanted.reference}, image)
            for container in wanted.containers
        )
        return list({one.key: one for one in found if one is not None}.values())

    def _fault(self, wanted: Wanted, error: RegistryError) -> Fault:
        said = absence(error)
        hint = self._hint(parse(wanted.reference).domain, error)
        return Fault(error.word, replace(said, message=f"{said.message}{hint}"))

    def _hint(self, host: str, error: RegistryError) -> str:
        """What a person at a terminal can do beyond what the fault says."""
        if isinstance(error, Unauthorized):
            helper, path = self.credentials.helper(host), self.credentials.path
            if helper:
                return (
                    f". {path} leaves {host} to the credential helper {helper}, which is not called"
                    " here: put the credentials as `auths` into a config.json of its own, and name"
                    " its folder in DOCKER_CONFIG"
                )
            if not self.credentials.keyring.candidates(f"{host}/any"):
                return f". {path} has no credentials for {host}: docker login {host}"
        if isinstance(error, Unreachable) and "TLS handshake" in str(error):
            return f". If it speaks HTTP without TLS: --plain-http {host}"
        return ""
