"""Profiles, as they are made of a configuration."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from webhook.images.configuration import read as read_configuration
from webhook.images.profile import (
    Command,
    Learnt,
    PlatformFacts,
    Profile,
    Reference,
    image,
    kept,
    read,
    write,
)
from webhook.images.profile.bounds import LINE
from webhook.model import Evidence, Image, Libc, Source

Json = Any

DIGEST = "sha256:" + "1" * 64
MANIFEST = "sha256:" + "2" * 64
KEY = "3" * 64
AT = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
REFERENCE = Reference("docker.io/acme/cart:1", AT)
LEARNT = Learnt(AT, "0.1.0", 4, 18_000)


def platform(
    known: Image | None = None, name: str = "linux/amd64", **configuration: Any
) -> PlatformFacts:
    """What is kept of an image, or of one with that `config`."""
    if known is None:
        known = read_configuration({"architecture": "amd64", "config": configuration})
    lean = replace(known, labels={}, environment=kept(known.environment))
    return PlatformFacts(name, MANIFEST, lean)


def profile(*platforms: PlatformFacts, commands: tuple[Command, ...] = ()) -> Profile:
    """A profile; without arguments of a Python image."""
    found = platforms or (platform(Env=["PYTHON_VERSION=3.13.1"], Cmd=["python3"]),)
    return Profile(DIGEST, (REFERENCE,), found, commands, LEARNT)


def seen(
    fact: str,
    language: str | None = None,
    version: str | None = None,
    libc: Libc | None = None,
    *,
    decides: bool = True,
) -> Evidence:
    """What the layers tell."""
    return Evidence(Source.LAYERS, fact, language, version, libc, decides)


def over_the_wire(one: Profile) -> Profile:
    """A profile that was written into the cluster and read from there."""
    return read(json.loads(json.dumps(write(one))))


def remembered(known: Image) -> Image:
    """An image as decisions get it from its profile."""
    return image(over_the_wire(profile(platform(known))))


def worst(text: str, times: int) -> Profile:
    """As much of everything as there may be."""
    facts = [
        Evidence(Source.IMAGE, text * times + str(n), "go", text * 20, decides=n % 2 == 0)
        for n in range(500)
    ]
    names = {f"OTEL_{n}_{'X' * 110}": text for n in range(500)}
    one = Image(
        (text * (LINE // len(text)),),
        (),
        {**dict.fromkeys(("PATH", "NODE_OPTIONS", "PYTHONPATH"), text * 4096), **names},
        user=text * times,
        working_directory=text * 9,
        evidence=tuple(facts),
    )
    commands = (
        Command(f"{n:064x}", tuple(facts), agents=(text * times,) * 99, message=text * times)
        for n in range(200)
    )
    references = (Reference(f"r{n}" + "x" * 500, AT + timedelta(n)) for n in range(500))
    platforms = (PlatformFacts(f"linux/{n}", MANIFEST, one) for n in range(50))
    return Profile(DIGEST, tuple(references), tuple(platforms), tuple(commands), LEARNT)
