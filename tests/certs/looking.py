"""What a leader sees, and what it makes of it."""

from collections.abc import Mapping
from datetime import timedelta

from certs import bundle
from certs.holdings import Holdings, Time
from certs.rotation import Asked, Plan, Seen, Timing, Watch, plan
from tests.certs.making import NAMES, NOW, authority, leaf

TIMING = Timing()
A, B, C = authority("A"), authority("B"), authority("C")
STEADY = Holdings(A, leaf("A"))
ANNOUNCING = Holdings(A, leaf("A"), B)
ADOPTING = Holdings(B, leaf("B"), None, (A.certificate,))
OLD = authority("old", 300)
NOW_TIME = Time(NOW, NOW)


def issued_by(*authorities: object) -> dict[str, str]:
    """What replicas r0, r1, … serve, by issuer."""
    return {
        f"r{number}": bundle.subject(getattr(one, "certificate", b""))
        for number, one in enumerate(authorities)
    }


def seen(
    *bundles: tuple[object, ...],
    serving: Mapping[str, str] | None = None,
    minutes: float = 0,
    asked: Asked | None = None,
    time: Time = NOW_TIME,
) -> Seen:
    """An observation; `bundles` hold authorities."""
    shown = tuple(tuple(getattr(one, "certificate", b"") for one in entry) for entry in bundles)
    live = issued_by(A, A) if serving is None else serving
    return Seen(time, timedelta(minutes=minutes), shown, live, asked)


def look(holdings: Holdings | None, *views: Seen) -> Plan:
    """The last of several plans, one after the other, of one leader."""
    watch = Watch()
    made = None
    for view in views:
        made = plan(holdings, view, watch, NAMES, TIMING)
        watch = made.watch
    assert made is not None
    return made
