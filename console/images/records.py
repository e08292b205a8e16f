"""Images as records with stable field names: what `spanhook inspect -o json` prints."""

from collections.abc import Iterable

from console.images.seen import Seen
from console.images.verdict import verdict
from console.records import evidence
from inspection.look import Look
from webhook.images.profile import Profile
from webhook.images.reference import canonical
from webhook.model import Image, Json, Skip


def record(seen: Seen) -> dict[str, Json]:
    """One image's record; what is not known is null. Field names are a promise."""
    profile, image = seen.profile, seen.image
    return {
        "image": seen.reference,
        "reference": canonical(seen.reference),
        "digest": profile.digest if profile else None,
        "platforms": _platforms(profile) if profile else [],
        **_told(seen, image),
        "layers": _layers(seen.look) if seen.look else None,
        "spent": {
            "requests": seen.spent.requests,
            "bytes": seen.spent.bytes,
            "seconds": round(seen.seconds, 3),
        },
        "error": {"word": seen.fault.word, "message": seen.fault.absence.message}
        if seen.fault
        else None,
    }


def configs(found: Iterable[Seen]) -> dict[str, Json]:
    """The configuration documents of what could be read, as `--image-configs` takes them."""
    return {one.reference: one.document for one in found if one.profile}


def _platforms(profile: Profile) -> list[Json]:
    return [{"platform": one.platform, "digest": one.digest} for one in profile.platforms]


_TOLD = (
    "language", "version", "libc", "certainty", "decision", "reason", "message", "command",
    "agents", "evidence",
)  # fmt: skip


def _told(seen: Seen, image: Image | None) -> dict[str, Json]:
    """What the image says; the same fields, all null, of one that could not be read."""
    if image is None:
        return dict.fromkeys(_TOLD) | {"agents": [], "evidence": []}
    found = verdict(seen, image)
    decision, judged = found.decision, found.judgement
    values: tuple[Json, ...] = (
        found.language,
        found.version,
        judged.libc,
        found.certainty,
        "skip" if isinstance(decision, Skip) else "inject",
        str(decision.reason) if isinstance(decision, Skip) else None,
        decision.message,
        list(judged.line.argv) if image.entry_known else None,
        [agent for one in seen.commands for agent in one.agents],
        [evidence(one) for one in judged.evidence],
    )
    return dict(zip(_TOLD, values, strict=True))


def _layers(look: Look) -> dict[str, Json]:
    command = look.commands[0]
    return {
        "state": command.state,
        "message": command.message or None,
        "count": look.layers,
        "read": look.begun,
        "bytes": look.size,
        "bytesRead": look.read,
    }
