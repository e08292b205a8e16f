from datetime import timedelta

import pytest

from certs import bundle
from certs.authority import Authority
from certs.holdings import Holdings, Time
from certs.succession import may_restore, objection
from tests.certs.making import NAMES, NOW, authority, leaf

A, B = authority("A"), authority("B")
HOLDS_A, HOLDS_B = Holdings(A, leaf("A")), Holdings(B, leaf("B"))
FOLLOWS = Holdings(B, leaf("B"), None, (A.certificate,))
FAR = A.expires + timedelta(days=1)
LATER = Holdings(B, Authority.issue(B, NAMES, NOW, timedelta(days=400)))
STALE = Holdings(A, leaf("A", 40))
MISNAMED = Holdings(A, leaf("A", 0, ("other.example",)))
TIME = Time(NOW, NOW)


def both(*authorities: Authority) -> tuple[tuple[bytes, ...], ...]:
    """The same caBundle in both entries."""
    return (tuple(one.certificate for one in authorities),) * 2


# memory, in the Secret, bundles, time -> the beginning of the objection; the table of the module
ROWS = [
    pytest.param(None, HOLDS_B, (), TIME, None, id="nothing in memory"),
    pytest.param(HOLDS_A, HOLDS_A, (), TIME, None, id="same authority"),
    pytest.param(HOLDS_A, FOLLOWS, both(), TIME, None, id="knows ours"),
    pytest.param(HOLDS_A, HOLDS_B, both(A, B), TIME, None, id="shown"),
    pytest.param(HOLDS_A, HOLDS_B, both(A), TIME, "tls.crt: comes from an", id="not shown"),
    pytest.param(
        HOLDS_A,
        HOLDS_B,
        ((B.certificate,), ()),
        TIME,
        "tls.crt: comes from an",
        id="shown in one entry only",
    ),
    pytest.param(
        HOLDS_A, HOLDS_B, (), TIME, "tls.crt: comes from an", id="no configuration to show it"
    ),
    pytest.param(HOLDS_A, LATER, both(A), Time(FAR, FAR), None, id="ours has expired"),
    pytest.param(
        HOLDS_A,
        HOLDS_B,
        both(A),
        Time(NOW, FAR),
        "tls.crt: comes from an",
        id="ours has expired by one clock",
    ),
    pytest.param(HOLDS_A, STALE, both(A), TIME, "tls.crt: has expired", id="an expired leaf"),
    pytest.param(STALE, STALE, both(A), TIME, None, id="as expired as ours"),
    pytest.param(HOLDS_A, MISNAMED, both(A), TIME, "tls.crt: has expired, or", id="other names"),
    pytest.param(HOLDS_A, Holdings(A, None), both(A), TIME, "has no usable leaf", id="no leaf"),
]


@pytest.mark.parametrize(("memory", "found", "bundles", "time", "said"), ROWS)
def test_what_is_kept_out(
    memory: Holdings | None,
    found: Holdings,
    bundles: tuple[tuple[bytes, ...], ...],
    time: Time,
    said: str | None,
) -> None:
    """Each row of the module's table."""
    why = objection(memory, found, bundles, time, NAMES)

    assert (why is None) == (said is None)
    assert (why or "").startswith(said or "")


SERVES_A = {"r1": bundle.subject(A.certificate)}
SERVES_B = {"r1": bundle.subject(B.certificate)}


@pytest.mark.parametrize(
    ("bundles", "others", "leads", "may"),
    [
        pytest.param(both(A), SERVES_B, False, True, id="what API servers believe"),
        pytest.param(both(B), SERVES_A, False, False, id="a follower"),
        pytest.param(both(B), SERVES_A, True, True, id="the leader, as all others have it"),
        pytest.param(both(B), {}, True, True, id="the leader, alone"),
        pytest.param(both(B), SERVES_B, True, False, id="others know better"),
        pytest.param((), SERVES_B, True, False, id="others may know better"),
    ],
)
def test_who_may_put_back(
    bundles: tuple[tuple[bytes, ...], ...], others: dict[str, str], leads: bool, may: bool
) -> None:
    """Who remembers what API servers believe; without any such, the leader if nobody objects."""
    assert may == may_restore(HOLDS_A, bundles, others, leads=leads)
