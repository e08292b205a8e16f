import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from certs.secret import write
from kube.errors import ApiError
from tests.certs.making import by_hand, leaf
from tests.kube.objects import conflict
from tests.webhook.server.cluster.custody import (
    FORBIDDEN,
    HOLDS_A,
    HOLDS_B,
    SECRET,
    A,
    B,
    Scene,
    run,
)
from webhook.server.cluster.certificate_custody import Verdict


def test_follower_leaves_the_mending_to_the_leader() -> None:
    """A follower puts back what it remembers only when nobody did for two rounds."""

    async def play(scene: Scene) -> None:
        scene.leads = False
        scene.configure((A,), (A,))
        scene.put(write(HOLDS_A))
        await scene.examine()
        scene.put({})
        for _ in range(2):
            assert await scene.examine() == Verdict(HOLDS_A.leaf, HOLDS_A)
            scene.steady.now += 10
        assert scene.api.counted("replace") == 0
        assert (await scene.examine()).again
        assert scene.holds(HOLDS_A)
        assert await scene.examine() == Verdict(HOLDS_A.leaf, HOLDS_A, writable=True)

    run(play)


def test_who_was_away_leaves_it_to_those_who_know_better() -> None:
    """A leader whose authority nobody believes waits; when nobody else mends it, it does."""

    async def play(scene: Scene) -> None:
        scene.configure((A,), (A,))
        scene.put(write(HOLDS_A))
        await scene.examine()
        scene.configure((B,), (B,))
        await scene.other_serves(HOLDS_B)
        scene.put({})
        for _ in range(6):
            assert not (await scene.examine()).again
            scene.steady.now += 10
            await scene.other_serves(HOLDS_B)
        assert (await scene.examine()).again

    assert run(play).holds(HOLDS_A)


def test_who_was_away_takes_up_what_api_servers_believe() -> None:
    """A replica that missed a whole rotation finds another authority in Secret and bundle."""

    async def play(scene: Scene) -> None:
        scene.leads = False
        scene.configure((A,), (A,))
        scene.put(write(HOLDS_A))
        await scene.examine()
        scene.configure((B,), (B,))
        scene.put(write(HOLDS_B))
        assert await scene.examine() == Verdict(HOLDS_B.leaf, HOLDS_B, writable=True)

    run(play)


@pytest.mark.parametrize("error", [conflict(SECRET), ApiError(404, "NotFound", "gone")])
def test_somebody_mended_it_faster(error: ApiError) -> None:
    """Who loses looks again, and says nothing of it."""

    async def play(scene: Scene) -> None:
        scene.configure((A,), (A,))
        scene.put(write(HOLDS_A))
        await scene.examine()
        scene.put({})
        scene.refuse("replace", error)
        assert (await scene.examine()).again

    assert not any("written" in message for _, message in run(play).recording.said())


def test_mending_that_is_refused() -> None:
    """Without the right to write, what is in memory is served on, and the refusal is said."""

    async def play(scene: Scene) -> None:
        scene.configure((A,), (A,))
        scene.put(write(HOLDS_A))
        await scene.examine()
        scene.put({})
        scene.refuse("replace", FORBIDDEN)
        assert await scene.examine() == Verdict(HOLDS_A.leaf, HOLDS_A)
        scene.refuse("nothing", FORBIDDEN)
        assert (await scene.examine()).again
        await scene.examine()

    scene = run(play)
    assert [event.reason for event in scene.events] == [
        "CertificateSecretUnusable",
        "CertificateSecretNotWritten",
    ]
    assert scene.notices.problem is None


def test_events_are_about_the_secret() -> None:
    """They name the object that `kubectl describe` looks for."""

    async def play(scene: Scene) -> None:
        scene.put({"tls.crt": b"x"})
        await scene.examine()

    (event,) = run(play).events
    assert (event.regarding.kind, event.regarding.name) == (
        "Secret",
        "spanhook-webhook-certificates",
    )
    assert event.regarding.namespace == "spanhook-system"
    assert "ca.crt: is missing (to begin anew, take out all its data)" in event.note


def test_leaf_that_openssl_refuses() -> None:
    """A chain with something unreadable in it is kept out before it could do harm."""
    broken = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"

    async def play(scene: Scene) -> None:
        scene.configure((A,), (A,))
        scene.put(write(HOLDS_A))
        await scene.examine()
        scene.put(write(HOLDS_A) | {"tls.crt": leaf("A").certificate + broken})
        assert (await scene.examine()).leaf == HOLDS_A.leaf

    assert run(play).holds(HOLDS_A)


def test_somebody_elses_certificate_that_openssl_refuses() -> None:
    """A key that is too short for TLS is named, and the last good one is served on."""
    short = by_hand(
        rsa.generate_private_key(public_exponent=65537, key_size=1024), is_authority=False
    )

    async def play(scene: Scene) -> None:
        good = leaf("A")
        scene.put({"tls.crt": good.certificate, "tls.key": good.key})
        served = (await scene.provided.examine(await scene.view())).leaf
        assert served is not None
        scene.put({"tls.crt": short.certificate, "tls.key": short.key})
        assert (await scene.provided.examine(await scene.view())).leaf == served
        assert "tls.crt: OpenSSL refuses it: " in str(scene.notices.problem)
        scene.api.stored.clear()
        assert (await scene.provided.examine(await scene.view())).leaf == served

    scene = run(play)
    assert scene.notices.problem == (
        "the Secret does not exist; has its issuer made it?; the last good certificate is served on"
    )
    assert scene.recording.metric("spanhook_certificate_secret_usable") == 0


def test_nobody_renews() -> None:
    """In the last quarter of its life somebody else's certificate is worth a word."""

    async def play(scene: Scene) -> None:
        old = leaf("A", 25)
        scene.put({"tls.crt": old.certificate, "tls.key": old.key})
        assert (await scene.provided.examine(await scene.view())).leaf is not None
        assert "nobody has renewed it" in str(scene.notices.problem)
        new = leaf("A")
        scene.put({"tls.crt": new.certificate, "tls.key": new.key})
        await scene.provided.examine(await scene.view())

    scene = run(play)
    assert scene.notices.problem is None
    assert [event.reason for event in scene.events] == ["CertificateNotRenewed"]


def test_sound_leaf_in_a_broken_secret() -> None:
    """Nothing in memory: what is sound is served, and the Secret is mended with it."""

    async def play(scene: Scene) -> None:
        scene.configure((A,), (A,))
        scene.put(write(HOLDS_A) | {"ca-next.crt": b"what?"})
        assert await scene.examine() == Verdict(HOLDS_A.leaf, HOLDS_A, writable=True, again=True)
        assert (await scene.examine()).again

    assert run(play).holds(HOLDS_A)


def test_sound_authority_in_a_broken_secret() -> None:
    """Nothing in memory: what is sound issues another leaf."""

    async def play(scene: Scene) -> None:
        scene.configure((A,), (A,))
        scene.put(write(HOLDS_A) | {"tls.key": b"what?"})
        assert (await scene.examine()).leaf is None
        assert await scene.lead()
        verdict = await scene.examine()
        assert verdict.leaf is not None
        assert A.issued(verdict.leaf.certificate)

    assert run(play).notices.problem is None


def test_no_secret_at_all() -> None:
    """Without anything in memory it is waited for, by name of what to do."""

    async def play(scene: Scene) -> None:
        assert await scene.examine() == Verdict(None)
        assert not await scene.lead()

    assert run(play).notices.problem == "the Secret does not exist: apply the manifests again"


def test_wish_that_nobody_knows() -> None:
    """An annotation with another value is said, until it is gone."""

    async def play(scene: Scene) -> None:
        scene.put(write(HOLDS_A), rotate="all")
        await scene.examine()
        assert scene.notices.problem == 'spanhook.dev/rotate: "all" is neither authority nor leaf'
        scene.put(write(HOLDS_A))
        await scene.examine()

    assert run(play).notices.problem is None
