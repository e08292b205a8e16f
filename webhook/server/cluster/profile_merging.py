"""One profile of what two know of the same digest, whose content never changes.

of the two
------------------  --------------------------------------------------------------------
references          all, each when it was seen last; the youngest that there is room for: tags that
                    are used are asked for again and again, those that are not go first. A time that
                    is yet to come is a clock's that was wrong, and gives way to any other
platforms           all; of one that both have, the newer revision's, else the newer one
lacking             all, but for platforms that either has
commands            all; of one that both have, the newer one
learnt              the newer revision's, else the newer one's
revision            the newer, unless something of the older is left: that is to be learnt anew
last_used           the later
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from webhook.images.profile import Profile, Reference
from webhook.images.profile.bounds import COMMANDS, PLATFORMS, REFERENCES
from webhook.images.profile.sightings import believed


def merged(old: Profile, new: Profile, now: float) -> Profile:
    """Both, `now` (seconds since 1970).

    A `new` one without platforms only adds references, commands and what is lacking.
    """
    first, last = (new, old) if not new.platforms or new.revision < old.revision else (old, new)
    platforms = {one.platform: one for one in (*first.platforms, *last.platforms)}
    commands = {one.key: one for one in (*old.commands, *new.commands)}
    is_left = len(platforms) > len(last.platforms) or any(
        commands[one.key] is one for one in first.commands
    )
    return replace(
        last,
        revision=min(first.revision, last.revision) if is_left else last.revision,
        references=_references((*old.references, *new.references), now),
        platforms=tuple(platforms.values())[:PLATFORMS],
        commands=tuple(commands.values())[-COMMANDS:],
        last_used=_later(old.last_used, new.last_used, now),
        lacking=tuple(sorted({*old.lacking, *new.lacking} - platforms.keys())),
    )


def _references(both: Iterable[Reference], now: float) -> tuple[Reference, ...]:
    seen: dict[str, Reference] = {}
    for one in both:
        before = seen.get(one.name)
        if before is None or _seen(before.resolved, now) <= _seen(one.resolved, now):
            seen[one.name] = one
    youngest = sorted(
        seen.values(), key=lambda one: (_seen(one.resolved, now), one.name), reverse=True
    )
    return tuple(youngest[:REFERENCES])


def _later(one: datetime | None, other: datetime | None, now: float) -> datetime | None:
    known = [time for time in (one, other) if time is not None]
    return max(known, key=lambda time: _seen(time, now), default=None)


def _seen(time: datetime, now: float) -> float:
    return believed(time.timestamp(), now)
