from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from time import monotonic

import pytest

from certs import bundle
from tests.cluster import Cluster, cluster
from tests.cluster.reliability.load import CLIENTS, PODS, Load
from tests.cluster.reliability.objects import SHIPPED_SECONDS, Policy
from tests.cluster.reliability.scene import Calls, Scene, scene
from tests.cluster.reliability.tally import Creation, Tally
from tests.waiting import until

Staging = Callable[[Policy], AbstractContextManager[Scene]]

ROLLS = 2
MID_WAVE = 5 * CLIENTS + CLIENTS // 2
"""So many creations have ended when harm is done: others are under way."""
NEWS_SECONDS = 1.0
"""From a change of endpoints to the last call that did not know of it."""
GRACE_SECONDS = 3
"""Open watches keep the API server from ending by itself; so long it finishes what it has begun."""
BUSY_SECONDS = 0.2
"""Waves so close that calls are in flight most of the time."""


@pytest.fixture
def staging(api: Cluster, tmp_path: Path) -> Staging:
    """A scene on the API server that all tests share."""
    return partial(scene, api, tmp_path)


@pytest.fixture(params=[True, False], ids=["balanced", "kept"])
def either_staging(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Staging]:
    """Scenes on API servers that choose an endpoint for each call, and for each connection.

    Before Kubernetes 1.37 all of them did the latter, and went on using connections to replicas
    that were terminating (kubernetes/kubernetes#127335).
    """
    if request.param:
        yield partial(scene, request.getfixturevalue("api"), tmp_path)
        return
    gate = "--feature-gates=WebhookRoundTripLoadBalancing=false"
    request.getfixturevalue("api")  # skips where there can be no cluster
    with cluster(flags=(gate,)) as older:
        yield partial(scene, older, tmp_path)


def nothing_happened(tally: Tally, calls: Calls) -> None:
    """Every pod was created, every pod was instrumented, every call was answered."""
    assert (len(tally.failed), len(tally.uninstrumented), len(tally.missing)) == (0, 0, 0), str(
        tally
    )
    assert (len(tally.creations), len(tally.stored)) == (PODS, PODS)
    assert (calls.failed_open, calls.rejected) == (0, 0)


def kept_to(harmed: tuple[Creation, ...], began: float, ended: float) -> None:
    """All harm was done to creations under way within a time."""
    outside = [one for one in harmed if one.ended < began or one.began > ended]

    assert outside == [], f"{len(outside)} of {len(harmed)}"


def test_rolling_restarts(either_staging: Staging) -> None:
    """Replicas restart one after the other, again and again, and nobody notices."""
    with either_staging("Fail") as stage:
        before = stage.calls()
        with stage.load() as load:
            load.wait_for(MID_WAVE)
            for _ in range(ROLLS):
                stage.fleet.roll()
            tally = load.finish()
        calls = stage.calls().since(before)

    nothing_happened(tally, calls)
    assert calls.made == PODS  # no pod was reviewed twice


def test_api_server_restarts(staging: Staging) -> None:
    """The API server stops gracefully, then is killed; meanwhile the webhook stays ready."""
    with staging("Fail") as stage:
        with stage.load(wave_seconds=BUSY_SECONDS) as load:
            load.wait_for(MID_WAVE)
            with stage.cluster.without_api_server(seconds=GRACE_SECONDS):
                assert all(replica.is_ready() for replica in stage.fleet.replicas)
            load.wait_for(3 * MID_WAVE)
            with stage.cluster.without_api_server(seconds=0):
                assert all(replica.is_ready() for replica in stage.fleet.replicas)
            tally = load.finish()
        calls = stage.calls()  # of the last start

    nothing_happened(tally, calls)
    assert sum(one.unanswered for one in tally.creations) > 0


def test_authority_and_leaf_rotate(staging: Staging) -> None:
    """The authority is replaced, then the leaf alone, and nobody notices."""
    with staging("Fail") as stage:
        before = stage.calls()
        with stage.load() as load:
            load.wait_for(MID_WAVE)
            rotate_authority(stage)
            rotate_leaf(stage)
            tally = load.finish()
        calls = stage.calls().since(before)

    nothing_happened(tally, calls)
    assert calls.made == PODS


def rotate_authority(stage: Scene) -> None:
    """Ask for another authority; wait until it is the only one, and all replicas serve its leaf."""
    (old,) = stage.trusted()
    stage.ask_for_rotation("authority")
    until(lambda: len(stage.trusted()) == 2, "two authorities")
    assert old in stage.trusted()
    until(lambda: len(stage.trusted()) == 1, "one authority")
    (new,) = stage.trusted()
    (leaf,) = set(stage.served())

    assert new != old
    assert bundle.issuer(leaf.encode()) == bundle.subject(new)


def rotate_leaf(stage: Scene) -> None:
    """Ask for another leaf; wait until every replica serves it."""
    trusted, (old,) = stage.trusted(), set(stage.served())
    stage.ask_for_rotation("leaf")
    until(lambda: old not in stage.served(), "another leaf")

    assert len(set(stage.served())) == 1
    assert stage.trusted() == trusted


def killing(stage: Scene, load: Load) -> tuple[float, float]:
    """Kill a replica and let it come back; when this began, and when it was over."""
    load.wait_for(MID_WAVE)
    (victim, *_) = stage.fleet.replicas
    began = monotonic()
    victim.kill()
    load.wait_for(MID_WAVE + 2 * CLIENTS)  # the kubelet, too, needs a moment to see it
    stage.fleet.publish(victim, ready=False)
    ended = monotonic()
    stage.fleet.restart_in_place(victim)
    return began, ended + NEWS_SECONDS


def test_killed_under_fail(staging: Staging) -> None:
    """Creations fail only while the dead replica is an endpoint; no pod goes without injection."""
    with staging("Fail") as stage:
        before = stage.calls()
        with stage.load(wave_seconds=BUSY_SECONDS) as load:
            harm = killing(stage, load)
            tally = load.finish()
        calls = stage.calls().since(before)

    assert all(one.failed_by_webhook for one in tally.failed), str(tally)
    assert (len(tally.uninstrumented), len(tally.missing)) == (0, 0), str(tally)
    assert (calls.failed_open, calls.rejected) == (0, len(tally.failed))
    assert len(tally.stored) == PODS - len(tally.failed)
    kept_to(tally.failed, *harm)


def test_killed_under_ignore(staging: Staging) -> None:
    """No creation fails; pods go without injection only while the dead replica is an endpoint."""
    with staging("Ignore") as stage:
        before = stage.calls()
        with stage.load(wave_seconds=BUSY_SECONDS) as load:
            harm = killing(stage, load)
            tally = load.finish()
        calls = stage.calls().since(before)

    only_went_without(tally, calls)
    kept_to(tally.bare(), *harm)


def only_went_without(tally: Tally, calls: Calls) -> None:
    """What `Ignore` promises: all pods are there, and those without injection were counted."""
    assert (len(tally.failed), len(tally.missing), len(tally.stored)) == (0, 0, PODS), str(tally)
    assert (calls.failed_open, calls.rejected) == (len(tally.uninstrumented), 0)


def test_hung_under_ignore(api: Cluster, tmp_path: Path) -> None:
    """A replica that answers nothing costs its callers their timeout once, and no creation."""
    with scene(api, tmp_path, "Ignore", timeout_seconds=SHIPPED_SECONDS) as stage:
        before = stage.calls()
        with stage.load(wave_seconds=BUSY_SECONDS) as load:
            load.wait_for(MID_WAVE)
            (victim, *_) = stage.fleet.replicas
            began = monotonic()
            with victim.hung():
                load.wait_for(MID_WAVE + 2 * CLIENTS)
                stage.fleet.publish(victim, ready=False)  # its readiness probe has failed
                ended = monotonic()
                load.wait_for(MID_WAVE + 6 * CLIENTS)
            stage.fleet.publish(victim)
            tally = load.finish()
        calls = stage.calls().since(before)

    only_went_without(tally, calls)
    assert len(tally.uninstrumented) > 0
    kept_to(tally.bare(), began, ended + NEWS_SECONDS)
    # Each client has one call at a time, and loses SHIPPED_SECONDS with each that is not answered.
    rounds = 1 + (ended + NEWS_SECONDS - began) // SHIPPED_SECONDS
    assert len(tally.uninstrumented) <= CLIENTS * rounds


@pytest.mark.parametrize("policy", ["Fail", "Ignore"])
def test_nobody_answers(staging: Staging, policy: Policy) -> None:
    """What is counted is there: without a webhook every creation fails, or goes without."""
    with staging(policy) as stage:
        before = stage.calls()
        stage.fleet.stop()
        with stage.load(pods=200, wave_seconds=0) as load:
            tally = load.finish()
        calls = stage.calls().since(before)

    if policy == "Fail":
        assert (len(tally.failed), len(tally.stored), calls.rejected) == (200, 0, 200)
        assert all(one.failed_by_webhook for one in tally.failed), str(tally)
    else:
        assert (len(tally.failed), len(tally.uninstrumented), calls.failed_open) == (0, 200, 200)
