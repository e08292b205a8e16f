import re
from datetime import timedelta

import pytest

from certs import bundle
from certs.authority import LEAF_LIFETIME, Authority
from console.status import certificates
from console.status.model import Authority as Trusted
from console.status.model import Mode, Replica
from console.status.replicas import replicas
from tests.console.status.documents import NOW, authority, leader, leaf, lease

OLD, NEW = authority(timedelta(days=300)), authority(timedelta(days=1))


def _trusted(*authorities: Authority) -> list[Trusted]:
    return [
        Trusted(bundle.subject(one.certificate), bundle.fingerprint(one.certificate), one.expires)
        for one in authorities
    ]


def _serving(*issuers: Authority) -> list[Replica]:
    leases = [lease(f"r{n}", leaf(one, timedelta(days=1))) for n, one in enumerate(issuers)]
    return list(replicas({"items": leases}, leader("r0"), NOW))


STEPS = {
    ("one", "it"): ((OLD,), (OLD,), "none"),
    ("one", "it, but different leaves"): ((OLD,), (OLD, OLD), "a new leaf"),
    ("two", "the older"): ((OLD, NEW), (OLD,), "the newer is trusted beforehand"),
    ("two", "both"): ((OLD, NEW), (OLD, NEW), "leaves are changing over"),
    ("two", "the newer"): ((NEW, OLD), (NEW,), "the older is about to be dropped"),
}
SAID = {
    "none": None,
    "a new leaf": "taking up a new certificate",
    "the newer is trusted beforehand": "still serve the old one's",
    "leaves are changing over": "changing over",
    "the older is about to be dropped": "the old one is dropped next",
}


@pytest.mark.parametrize("row", STEPS.values(), ids=[" ".join(key) for key in STEPS])
def test_steps(row: tuple[tuple[Authority, ...], tuple[Authority, ...], str]) -> None:
    """Each step of a rotation is told by what is trusted and what is served."""
    trusted, issuers, step = row
    found = certificates.certificates(Mode.OWN, _trusted(*trusted), _serving(*issuers))

    said = SAID[step]
    assert (found.rotation is None) if said is None else (said in (found.rotation or ""))


def test_table() -> None:
    """The steps tested are those of the docstring."""
    lines = re.findall(
        r"^    (one|two) {3,}(\S.*?) {2,}(\S.*)$", certificates.__doc__ or "", re.MULTILINE
    )

    assert [(trusted, served) for trusted, served, _ in lines] == list(STEPS)
    assert all(STEPS[t, s][2] in step for t, s, step in lines)


@pytest.mark.parametrize(
    ("phase", "words"),
    [
        ("steady", None),
        ("empty", None),
        ("announcing", "being announced"),
        ("adopting", "being adopted"),
        ("of a later version", None),
    ],
)
def test_phases(phase: str, words: str | None) -> None:
    """Where nothing shows yet, the leader's word tells of a rotation."""
    found = certificates.certificates(Mode.OWN, _trusted(OLD), _serving(OLD), phase)

    assert (found.rotation is None) if words is None else (words in (found.rotation or ""))


def test_times() -> None:
    """The first certificate to expire counts, and a third of a life before that comes renewal."""
    young, old = (
        lease(name, leaf(NEW, timedelta(days=days))) for name, days in (("a", 1), ("b", 9))
    )
    gone = lease("c", leaf(NEW, timedelta(days=20)), timedelta(days=1))
    found = certificates.certificates(
        Mode.OWN,
        _trusted(NEW),
        list(replicas({"items": [young, old, gone]}, None, NOW)),
    )

    assert found.expires == NOW - timedelta(days=9) + LEAF_LIFETIME
    assert found.next_rotation == found.expires - LEAF_LIFETIME / 3
    assert found.issuer == bundle.subject(NEW.certificate)


@pytest.mark.parametrize("mode", [Mode.CERT_MANAGER, Mode.PROVIDED, None])
def test_somebody_elses(mode: Mode | None) -> None:
    """When somebody else renews is theirs to say."""
    found = certificates.certificates(mode, _trusted(NEW), _serving(NEW))

    assert found.expires is not None
    assert found.next_rotation is None


def test_nothing_known() -> None:
    """Without replicas nothing is made up."""
    found = certificates.certificates(Mode.OWN, _trusted(NEW), [])

    assert (found.issuer, found.expires, found.next_rotation, found.rotation) == (None,) * 4
