"""ImageProfiles, and Events about images, as an API server lists them."""

from datetime import timedelta
from hashlib import sha256
from typing import Any

from tests.console.status.documents import NOW
from webhook.images.configuration import read
from webhook.images.profile import Command, Learnt, PlatformFacts, Profile, Reference, write
from webhook.images.reference import canonical

Json = dict[str, Any]

PYTHON = {"Cmd": ["python3", "/app.py"]}
JAVA = {"Cmd": ["java", "-jar", "/app.jar"]}
RUBY = {"Cmd": ["puma"]}
SCRIPT = {"Cmd": ["/run.sh"]}


def digest(text: str) -> str:
    """A digest that is the same for the same text."""
    return f"sha256:{sha256(text.encode()).hexdigest()}"


def profile(
    tag: str,
    config: Json,
    *commands: Command,
    seen: timedelta = timedelta(minutes=5),
    platform: str = "linux/amd64",
) -> Profile:
    """The profile of an image to which a tag was seen to point, so long ago."""
    made = f"{tag} {config}"
    image = read({"architecture": "amd64", "os": "linux", "config": config})
    part = PlatformFacts(platform, digest(f"{made} {platform}"), image)
    reference = Reference(canonical(tag), NOW - seen)
    return Profile(digest(made), (reference,), (part,), commands, Learnt(NOW, "0.1.0"))


def listed(*profiles: Profile) -> Json:
    """The collection of profiles."""
    return {"items": [write(one) for one in profiles]}


def event(reason: str, message: str, kind: str = "Deployment", name: str = "cart") -> Json:
    """A warning of the webhook's, as the core API shows it."""
    about = {"kind": kind, "name": name, "namespace": "shop"}
    return {"reason": reason, "type": "Warning", "message": message, "involvedObject": about}
