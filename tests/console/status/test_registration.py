import base64
from datetime import timedelta
from typing import Any

import pytest

from certs import bundle
from console.status.registration import all_authorities, covers_pods, entry
from tests.console.status.documents import (
    NAMESPACES,
    authority,
    configuration,
    encoded,
    leaf,
)
from tests.console.status.documents import entry as document


def test_entry() -> None:
    """An entry's target, policy, trust and selection."""
    own = authority()
    issuer = bundle.issuer(leaf(own).certificate)

    found = entry(document("n", NAMESPACES, encoded(own)), [issuer])

    assert found.target == "spanhook-system/spanhook-webhook:443/mutate"
    assert (found.failure_policy, found.timeout_seconds) == ("Ignore", 3)
    assert found.pods
    assert found.excess == ()
    assert found.bundle_problem is None
    assert found.verifies is True
    (trusted,) = found.authorities
    assert trusted.subject == issuer
    assert trusted.fingerprint == bundle.fingerprint(own.certificate)
    assert trusted.expires == own.expires


def test_defaults() -> None:
    """What an entry leaves out is what the API says of it."""
    found = entry({"name": "n", "clientConfig": {"url": "https://localhost:8443/mutate"}}, [])

    assert found.target == "https://localhost:8443/mutate"
    assert (found.failure_policy, found.timeout_seconds) == ("Fail", 10)
    assert not found.pods


def test_verifies() -> None:
    """Every issuer has to be trusted; without any nothing is known."""
    old, new = authority(timedelta(days=300)), authority()
    issuers = [bundle.subject(one.certificate) for one in (old, new)]
    both, one = (document("n", NAMESPACES, encoded(*trusted)) for trusted in ((old, new), (old,)))

    assert entry(both, issuers).verifies is True
    assert entry(one, issuers).verifies is False
    assert entry(one, issuers[:1]).verifies is True
    assert entry(one, []).verifies is None


@pytest.mark.parametrize(
    ("broken", "word"),
    [
        ("", "empty"),
        ("not base64", "cannot be read"),
        (base64.b64encode(b"no PEM").decode(), "cannot be read"),
        (base64.b64encode(b" \n").decode(), "holds no certificate"),
    ],
)
def test_broken_bundle(broken: str, word: str) -> None:
    """A caBundle that nobody can use says why."""
    found = entry(document("n", NAMESPACES, broken), ["CN=x"])

    assert found.authorities == ()
    assert word in (found.bundle_problem or "")
    assert found.verifies is False


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True),
        ({"operations": ["*"], "apiGroups": ["*"], "resources": ["*"]}, True),
        ({"operations": ["CREATE", "UPDATE"], "resources": ["jobs", "pods"]}, True),
        ({"operations": ["UPDATE"]}, False),
        ({"resources": ["pods/status"]}, False),
        ({"apiGroups": ["apps"]}, False),
        ({"apiVersions": None}, False),
    ],
)
def test_covers_pods(changes: dict[str, Any], expected: bool) -> None:
    """Rules count that are for pods when they are created."""
    shipped = configuration("")["webhooks"][0]
    (rule,) = shipped["rules"]

    assert covers_pods({**shipped, "rules": [{**rule, **changes}]}) is expected


def test_all_authorities() -> None:
    """Authorities of several entries count once."""
    old, new = authority(timedelta(days=300)), authority()
    found = [
        entry(document("n", NAMESPACES, encoded(*trusted)), []) for trusted in ((old, new), (new,))
    ]

    assert [one.expires for one in all_authorities(found)] == [old.expires, new.expires]
