from base64 import b64encode

from certs.secret import write
from tests.webhook.server.cluster.custody import (
    CONFIGURATION,
    FORBIDDEN,
    HOLDS_A,
    HOLDS_B,
    SECRET,
    A,
    B,
    Scene,
    configuration,
    run,
)
from webhook.server.cluster.certificate_leader import Ground


def test_leader_patches_only_what_it_saw() -> None:
    """A configuration that changed since it was read is read again, not written over."""

    async def play(scene: Scene) -> None:
        scene.configure((), (A,))
        scene.put(write(HOLDS_A))
        view = await scene.view()
        verdict = await scene.own.examine(view)
        ground = Ground(view.configuration, verdict.holdings, view.secret, verdict.leaf, view.time)
        scene.configure((B,), (B,))
        assert await scene.leader.lead(ground)
        assert scene.api.stored[CONFIGURATION]["webhooks"] == configuration((B,), (B,))["webhooks"]
        assert await scene.lead()
        assert scene.api.stored[CONFIGURATION]["webhooks"] == configuration((A,), (A,))["webhooks"]
        assert not await scene.lead()

    scene = run(play)
    assert scene.recording.metric("spanhook_ca_bundle_in_place") == 1
    assert scene.notices.problem is None


def test_leader_writes_only_over_what_it_saw() -> None:
    """Two leaders that find an empty Secret: one makes an authority, the other looks again."""

    async def play(scene: Scene) -> None:
        scene.put({})
        view = await scene.view()
        verdict = await scene.own.examine(view)
        ground = Ground(None, verdict.holdings, view.secret, verdict.leaf, view.time)
        assert await scene.leader.lead(ground)
        first = scene.api.stored[SECRET]
        assert await scene.leader.lead(ground)
        assert first == scene.api.stored[SECRET]

    scene = run(play)
    assert scene.recording.metric("spanhook_certificate_moves_total", move="create") == 1


def test_who_leads_no_more_writes_nothing() -> None:
    """Between planning and writing the lead may be lost."""

    async def play(scene: Scene) -> None:
        scene.configure(())
        scene.put(write(HOLDS_A), rotate="leaf")
        view = await scene.view()
        verdict = await scene.own.examine(view)
        scene.leads = False
        ground = Ground(view.configuration, verdict.holdings, view.secret, verdict.leaf, view.time)
        assert not await scene.leader.lead(ground)
        assert scene.api.counted("patch") == scene.api.counted("replace") == 0
        scene.leader.retire()

    scene = run(play)
    phase = "spanhook_certificate_rotation_phase"
    assert scene.recording.metric(phase, phase="steady") == 0


def test_bundle_that_may_not_be_patched() -> None:
    """The refusal is said; the leaf is renewed all the same."""

    async def play(scene: Scene) -> None:
        scene.configure(())
        scene.put(write(HOLDS_A), rotate="leaf")
        scene.refuse("patch", FORBIDDEN)
        assert await scene.lead()
        assert not scene.holds(HOLDS_A)
        assert not await scene.lead()

    scene = run(play)
    assert scene.notices.problem == "the caBundle cannot be put in place: 403 Forbidden: no"
    assert [event.reason for event in scene.events] == ["CABundleNotInPlace", "CertificateRotation"]
    assert scene.events[0].regarding.kind == "MutatingWebhookConfiguration"


def test_write_that_is_refused() -> None:
    """The refusal is said until a write is accepted."""

    async def play(scene: Scene) -> None:
        scene.configure((A,))
        scene.put(write(HOLDS_A), rotate="leaf")
        scene.refuse("replace", FORBIDDEN)
        assert not await scene.lead()
        assert scene.notices.problem == "the Secret cannot be written: 403 Forbidden: no"
        scene.refuse("nothing", FORBIDDEN)
        assert await scene.lead()

    assert run(play).notices.problem is None


def test_others_keys_stay() -> None:
    """Keys, labels and annotations of somebody else survive every write."""

    async def play(scene: Scene) -> None:
        scene.configure((A,))
        scene.put(write(HOLDS_A) | {"theirs": b"x"}, rotate="leaf", other="y")
        await scene.lead()

    stored = run(play).api.stored[SECRET]
    assert stored["data"]["theirs"] == b64encode(b"x").decode()
    assert stored["metadata"]["annotations"] == {"spanhook.dev/other": "y"}


def test_bundle_that_nobody_can_read() -> None:
    """Garbage in a caBundle counts as nothing, and is replaced."""

    async def play(scene: Scene) -> None:
        found = configuration((A,))
        found["webhooks"][1]["clientConfig"]["caBundle"] = b64encode(b"what?").decode()
        scene.api.put(CONFIGURATION, found)
        scene.put(write(HOLDS_A))
        await scene.lead()

    scene = run(play)
    assert scene.api.stored[CONFIGURATION]["webhooks"] == configuration((A,))["webhooks"]


def test_authority_that_somebody_still_serves_stays() -> None:
    """A reset bundle gets back, from memory, what another replica still serves a leaf of."""

    async def play(scene: Scene) -> None:
        scene.configure((A, B))
        scene.put(write(HOLDS_A))
        await scene.other_serves(HOLDS_B)
        await scene.lead()
        scene.configure(())
        await scene.lead()

    scene = run(play)
    assert scene.api.stored[CONFIGURATION]["webhooks"] == configuration((A, B))["webhooks"]
