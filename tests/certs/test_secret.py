from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from hypothesis import given
from hypothesis import strategies as st

from certs.authority import Authority, Leaf
from certs.holdings import Holdings, Time
from certs.secret import KEYS, Reading, SecretError, left_unrenewed, provided, read, write
from tests.certs.making import NAMES, NOW, authority, by_hand, leaf

A, B = authority("A"), authority("B")
FULL = Holdings(A, leaf("A"), B, (authority("C").certificate, authority("D").certificate))
TIME = Time(NOW, NOW)


def data(holdings: Holdings) -> dict[str, bytes]:
    """What the Secret holds then."""
    return {key: value for key, value in write(holdings).items() if value is not None}


@pytest.mark.parametrize(
    "holdings",
    [
        pytest.param(Holdings(A, leaf("A")), id="steady"),
        pytest.param(FULL, id="everything"),
        pytest.param(Holdings(B, leaf("B"), None, (A.certificate,)), id="adopting"),
    ],
)
def test_what_is_written_is_read(holdings: Holdings) -> None:
    """Reading gives back what was written, and every key of ours is written or taken away."""
    assert Reading(holdings) == read(data(holdings))
    assert set(KEYS) == set(write(holdings))


@pytest.mark.parametrize("content", [{}, {"tls.crt": b"", "tls.key": b""}, {"other": b"x"}])
def test_empty(content: dict[str, bytes]) -> None:
    """A Secret without anything of ours is empty, not broken."""
    assert Reading(None) == read(content)


FOREIGN = leaf("B")
_RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
_ED25519 = ed25519.Ed25519PrivateKey.generate()


def pem(key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey, password: bytes = b"") -> bytes:
    """A key, encrypted where there is a password."""
    encryption = (
        serialization.BestAvailableEncryption(password)
        if password
        else serialization.NoEncryption()
    )
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption
    )


GARBAGE = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"


# what differs from the full Secret -> problems, and what can still be used
BROKEN = [
    pytest.param({"ca.crt": b""}, ["ca.crt: is missing"], "", id="no ca.crt"),
    pytest.param({"ca.key": b" \n"}, ["ca.key: is missing"], "", id="blank ca.key"),
    pytest.param({"ca.crt": b"x"}, ["ca.crt: cannot be read: "], "", id="no PEM"),
    pytest.param({"ca.crt": GARBAGE}, ["ca.crt: cannot be read: "], "", id="no certificate"),
    pytest.param({"ca.key": GARBAGE}, ["ca.key: cannot be read: "], "", id="no key"),
    pytest.param({"ca.key": pem(_RSA, b"x")}, ["ca.key: cannot be read: "], "", id="encrypted"),
    pytest.param(
        {"ca.key": B.key},
        ["ca.key: the key does not belong to the certificate"],
        "",
        id="another's ca.key",
    ),
    pytest.param(
        {"ca.crt": A.certificate + B.certificate},
        ["ca.crt: holds several certificates"],
        "",
        id="two authorities",
    ),
    pytest.param(
        {"ca.crt": FOREIGN.certificate, "ca.key": FOREIGN.key},
        ["ca.crt: is no authority's certificate"],
        "",
        id="a leaf as authority",
    ),
    pytest.param({"tls.crt": b""}, ["tls.crt: is missing"], "up", id="no tls.crt"),
    pytest.param({"tls.key": b"x"}, ["tls.key: cannot be read: "], "up", id="broken tls.key"),
    pytest.param(
        {"tls.crt": FOREIGN.certificate, "tls.key": FOREIGN.key},
        ["tls.crt: was not issued by ca.crt beside it"],
        "up",
        id="a foreign leaf",
    ),
    pytest.param({"ca-next.key": b""}, ["ca-next.key: is missing"], "lp", id="half a next one"),
    pytest.param({"ca-previous.crt": b"x"}, ["ca-previous.crt: cannot"], "lu", id="previous"),
    pytest.param(
        {"tls.crt": b"", "ca-next.crt": b"x"},
        ["tls.crt: is missing", "ca-next.crt: cannot be read: "],
        "p",
        id="several",
    ),
]


@pytest.mark.parametrize(("changes", "problems", "usable"), BROKEN)
def test_broken(changes: dict[str, bytes], problems: list[str], usable: str) -> None:
    """Every key that does not do is named; what is sound beside it can be used.

    `usable`: l(eaf), u(pcoming), p(revious).
    """
    reading = read(data(FULL) | changes)

    assert len(problems) == len(reading.problems)
    for begins, problem in zip(problems, reading.problems, strict=True):
        assert problem.startswith(begins)
        assert "\n" not in problem
    held = reading.holdings
    assert (held is None) == (usable == "")
    if held is not None:
        assert (held.leaf is not None) == ("l" in usable)
        assert (held.upcoming is not None) == ("u" in usable)
        assert bool(held.previous) == ("p" in usable or ("n" in usable and "l" not in usable))


def test_only_the_foreign_leaf() -> None:
    """Somebody else's certificate in a Secret of ours is refused for want of the authority."""
    reading = read({"tls.crt": FOREIGN.certificate, "tls.key": FOREIGN.key})

    assert Reading(None, ("ca.crt: is missing",)) == reading


@given(st.dictionaries(st.sampled_from(KEYS), st.binary(max_size=60) | st.just(GARBAGE)))
def test_nothing_is_raised(content: dict[str, bytes]) -> None:
    """Whatever stands there, reading says what is wrong with it."""
    reading = read(data(FULL) | content)

    assert reading.holdings is not None or reading.problems or not any(content.values())


# The library warns where it is the serial number that is damaged, and reads it.
@pytest.mark.filterwarnings("ignore::cryptography.utils.CryptographyDeprecationWarning")
@given(st.sampled_from(KEYS), st.data())
def test_flipped_bytes(key: str, draw: st.DataObject) -> None:
    """A certificate or key that was damaged somewhere is read or refused, never a crash."""
    content = bytearray(data(FULL)[key])
    place = draw.draw(st.integers(0, len(content) - 1))
    content[place] = draw.draw(st.integers(0, 255))

    read(data(FULL) | {key: bytes(content)})


def test_own_authority_of_a_person() -> None:
    """An RSA authority that a person made signs leaves like ours."""
    made = by_hand(_RSA, is_authority=True)
    own = Authority(made.certificate, made.key)
    holdings = Holdings(own, own.issue(NAMES, NOW))

    assert Reading(holdings) == read(data(holdings))


def test_authority_that_signs_otherwise() -> None:
    """A kind of key that API servers need not know is refused."""
    made = by_hand(_ED25519, is_authority=True)

    reading = read({"ca.crt": made.certificate, "ca.key": made.key})

    assert Reading(None, ("ca.key: is neither ECDSA nor RSA",)) == reading


@pytest.mark.parametrize("key", ["ca.crt", "tls.crt"])
def test_text_without_a_certificate(key: str) -> None:
    """A key in place of a certificate is no certificate."""
    reading = read(data(FULL) | {key: A.key})

    assert [problem.partition(":")[0] for problem in reading.problems] == [key]


def given_secret(served: Leaf, **changes: bytes) -> dict[str, bytes]:
    """A Secret as cert-manager writes it."""
    names = {"ca": "ca.crt", "crt": "tls.crt", "key": "tls.key"}
    content = {"ca.crt": served.authority, "tls.crt": served.certificate, "tls.key": served.key}
    return content | {names[name]: value for name, value in changes.items()}


def test_provided() -> None:
    """Somebody else's certificate is taken as it is, with its chain and what it is trusted by."""
    served = leaf("A")
    chain = served.certificate + A.certificate

    found = provided(given_secret(served, crt=chain), NAMES, TIME)

    assert (found.certificate, found.key, found.authority) == (chain, served.key, A.certificate)


def test_provided_without_authority() -> None:
    """Some issuers give no ca.crt."""
    assert provided(given_secret(leaf("A"), ca=b""), NAMES, TIME).authority == b""


def test_provided_with_a_star() -> None:
    """A wildcard covers one label, as API servers have it."""
    served = leaf("A", 0, ("*.spanhook-system.svc",))

    assert served == provided(given_secret(served), ["spanhook-webhook.spanhook-system.svc"], TIME)
    with pytest.raises(SecretError, match=r"is not for a\.b\.spanhook-system\.svc"):
        provided(given_secret(served), ["a.b.spanhook-system.svc"], TIME)


@pytest.mark.parametrize(
    ("content", "time", "said"),
    [
        pytest.param({}, TIME, "tls.crt: is missing", id="empty"),
        pytest.param(given_secret(leaf("A"), key=b""), TIME, "tls.key: is missing", id="no key"),
        pytest.param(
            given_secret(leaf("A"), key=leaf("B").key),
            TIME,
            "tls.key: the key does not belong to the certificate",
            id="another key",
        ),
        pytest.param(
            given_secret(leaf("A"), ca=b"x"), TIME, "ca.crt: cannot be read: ", id="broken ca.crt"
        ),
        pytest.param(
            given_secret(leaf("A", 31)),
            TIME,
            "tls.crt: expired at 2026-11-22 12:00 UTC",
            id="expired",
        ),
        pytest.param(
            given_secret(leaf("A")),
            Time(NOW - timedelta(days=3), NOW - timedelta(days=2)),
            "tls.crt: is not valid before 2026-11-23 11:00 UTC",
            id="too early",
        ),
        pytest.param(
            given_secret(leaf("A", 0, ("localhost", "b.example"))),
            TIME,
            "tls.crt: is not for spanhook-webhook.spanhook-system.svc",
            id="other names",
        ),
    ],
)
def test_provided_that_does_not_do(content: dict[str, bytes], time: Time, said: str) -> None:
    """What is wrong with somebody else's certificate is said with the key's name."""
    with pytest.raises(SecretError) as raised:
        provided(content, NAMES, time)

    assert str(raised.value).startswith(said)


@pytest.mark.parametrize(
    ("age", "left"),
    [
        pytest.param(0, None, id="new"),
        pytest.param(21, None, id="just being renewed"),
        pytest.param(25, timedelta(days=5), id="nobody renews"),
        pytest.param(31, timedelta(days=-1), id="expired"),
    ],
)
def test_left_unrenewed(age: int, left: timedelta | None) -> None:
    """In the last quarter of its life somebody should have renewed it."""
    assert left == left_unrenewed(leaf("A", age), TIME)
