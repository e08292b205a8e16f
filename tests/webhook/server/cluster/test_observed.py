"""What node agents saw, as the webhook watches it."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.cluster import Cluster
from tests.cluster.definitions import define
from tests.waiting import until
from tests.webhook.observed.examples import CART, DIGEST, KEY, application, changed
from tests.webhook.server.cluster.recording import Recording
from tests.webhook.server.cluster.running import Running, running
from webhook.images.profile.known import Digests, Images, Kept
from webhook.model import Image
from webhook.observed import Key, Workload
from webhook.server.cluster import observed
from webhook.server.cluster.observed import InstrumentedApplication, ObservedRuntimes

Json = dict[str, Any]

OTHER = Workload("shop", "Deployment", "orders")


def decoded(document: Json) -> InstrumentedApplication:
    """An object as the watch has it."""
    return msgspec.json.decode(msgspec.json.encode(document), type=InstrumentedApplication)


def of(workload: Workload, document: Json | None = None) -> InstrumentedApplication:
    """An object of another workload."""
    found = document or application()
    found["metadata"] = {"name": workload.object_name, "namespace": workload.namespace}
    found["spec"]["workload"] = {"kind": workload.kind, "name": workload.name}
    return decoded(found)


class Stage:
    """A store, and what it says."""

    def __init__(self) -> None:
        self.recording = Recording()
        self.store = ObservedRuntimes(self.recording.log, self.recording.telemetry)

    @property
    def languages(self) -> dict[str, str | None]:
        """Workload → language."""
        return {key.workload.name: seen.language for key, seen in self.store.known.items()}


@pytest.fixture
def stage() -> Stage:
    """An empty store."""
    return Stage()


def test_what_is_watched(stage: Stage) -> None:
    """New, changed, gone, and all anew; `known` is one mapping for ever."""
    known = stage.store.known
    stage.store.replaced([decoded(application()), of(OTHER)])
    assert stage.languages == {"cart": "python", "orders": "python"}
    stage.store.changed(decoded(application("java", version="21")))
    assert (stage.store.known[KEY].language, stage.store.known[KEY].version) == ("java", "21")
    stage.store.changed(decoded(changed("spec.languages", [])))
    assert stage.languages == {"orders": "python"}
    stage.store.removed(of(OTHER))
    assert stage.languages == {}
    stage.store.replaced([of(OTHER)])
    stage.store.replaced([decoded(application())])
    stage.store.forget()

    assert stage.languages == {"cart": "python"}
    assert len(stage.store) == 1
    assert stage.store.known is known
    assert stage.recording.lines == []


@pytest.mark.parametrize(
    "bad",
    [
        {},
        {"spec": None},
        {"spec": "x", "status": []},
        {"spec": {"workload": {"kind": "Deployment", "name": "other"}}},
        {"spec": {"workload": CART._asdict(), "languages": [{}]}},
        {"spec": {"workload": {"kind": "Deployment", "name": "cart"}}, "status": [[[]]]},
    ],
)
def test_an_object_that_cannot_be_read(bad: Json, stage: Stage) -> None:
    """Is left out, said once and counted; the others are known, what it was is not any more."""
    broken = {"metadata": application()["metadata"], **bad}
    stage.store.replaced([decoded(application()), of(OTHER)])
    stage.store.replaced([decoded(broken), of(OTHER)])
    stage.store.changed(decoded(broken))

    assert stage.languages == {"orders": "python"}
    assert stage.recording.metric("spanhook_instrumented_applications_bad_total") == 2
    (line,) = stage.recording.lines
    assert (line["level"], line["message"]) == ("warning", "InstrumentedApplication left out")
    assert (line["namespace"], line["name"]) == ("shop", "deployment-cart")
    assert line["problem"]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Stage:
    """An empty store with room for 20 containers, so that one namespace alone has 4."""
    monkeypatch.setattr(observed, "_MOST", 20)
    return Stage()


def several(namespace: str, count: int) -> list[InstrumentedApplication]:
    """As many objects with one container each."""
    return [of(Workload(namespace, "Deployment", f"{namespace}-{n}")) for n in range(count)]


def containers(count: int, first: int = 1) -> InstrumentedApplication:
    """The object of one workload with as many containers."""
    one = application()["spec"]["languages"][0]
    names = range(first, first + count)
    return decoded(changed("spec.languages", [{**one, "containerName": f"c{n}"} for n in names]))


def held(stage: Stage) -> Counter[str]:
    """How many containers are known of each namespace."""
    return Counter(key.workload.namespace for key in stage.store.known)


def test_one_namespace_does_not_crowd_out_others(small: Stage) -> None:
    """What is beyond its share is left out, counted and said; there is room for who comes late."""
    small.store.replaced([*several("greedy", 30), *several("shop", 2), *several("late", 1)])

    assert held(small) == {"greedy": 4, "shop": 2, "late": 1}
    assert "greedy-3" in small.languages
    assert small.recording.metric("spanhook_instrumented_applications_bad_total") == 26
    (line, *_) = small.recording.lines
    assert (line["namespace"], line["name"]) == ("greedy", "deployment-greedy-4")
    assert line["problem"] == "its namespace has its share of the room"


def test_however_many_namespaces_memory_ends(small: Stage) -> None:
    """Each has less than the one before, all together never more than there is room for."""
    everything = [one for n in range(20) for one in several(f"n{n}", 10)]
    small.store.replaced(everything)

    assert list(held(small).values()) == [4, 3, 2, 2, 1, 1, 1, 1, 1]
    assert len(small.store.known) == 16


def test_what_is_known_stays(small: Stage) -> None:
    """Where its namespace's share has shrunk, too: it may change, and gains nothing new."""
    small.store.replaced([containers(4), *several("other", 3)])
    before = dict(small.store.known)
    assert small.recording.lines == []
    small.store.changed(containers(5))
    assert small.store.known == before
    assert small.recording.said() == [("warning", "InstrumentedApplication left out")]

    small.store.changed(containers(4, first=3))
    assert sorted(k.container for k in small.store.known if k.workload == CART) == [
        *("c3", "c4", "c5", "c6")
    ]


def test_room_comes_back(small: Stage) -> None:
    """With what is gone, before what is new is looked at; what is left out takes none."""
    small.store.replaced(several("shop", 4))
    small.store.replaced(several("shop", 6)[2:])
    assert held(small) == {"shop": 4}
    for one in several("shop", 6):
        small.store.removed(one)
    small.store.changed(containers(5))
    assert held(small) == {}
    small.store.changed(containers(4))
    small.store.changed(decoded({**application(), "spec": None}))
    small.store.changed(containers(4))

    assert held(small) == {"shop": 4}


def test_equal_ones_are_one(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten thousand containers run much the same: it is kept once, of the commonest at least."""
    monkeypatch.setattr(observed, "_SHARED", 1)
    stage.store.replaced([decoded(application()), of(OTHER)])
    one, other = stage.store.known[KEY], stage.store.known[Key(OTHER, "app", DIGEST)]
    stage.store.changed(of(OTHER, application("java")))

    assert one is not other or one == other
    assert stage.languages == {"cart": "python", "orders": "java"}


def test_digests_of_tags() -> None:
    """Known while the tag's image is: a tag that is too old may have moved."""
    now = [1000.0]
    images = Images(lambda: now[0], 300)
    images.tell(DIGEST, [Kept(Image(), (), ((900, "x:1"),))], [(900, "x:1")])
    digests = Digests(images)

    assert (dict(digests), len(digests)) == ({"x:1": DIGEST}, 1)
    assert digests.get("x:2") is None
    now[0] = 1300.0
    assert (dict(digests), len(digests)) == ({}, 0)
    assert digests.get("x:1") is None


@pytest.fixture
def own(api: Cluster) -> Iterator[str]:
    """The namespace of the webhook's own objects."""
    with api.namespace() as name:
        yield name


@pytest.fixture
def webhook(api: Cluster, own: str, tmp_path: Path) -> Iterator[Running]:
    """A webhook that is ready, in a cluster that has the definition."""
    define(api)
    with running(api.kubeconfig, tmp_path, own) as one:
        yield one


def _pod() -> Json:
    reference = {"kind": "ReplicaSet", "name": "cart-1", "controller": True}
    metadata = {
        "generateName": "cart-1-",
        "labels": {"pod-template-hash": "1"},
        "ownerReferences": [reference],
    }
    container = {"name": "app", "image": f"acme/cart@{DIGEST}"}
    return {"metadata": metadata, "spec": {"containers": [container]}}


def test_at_a_real_api_server(api: Cluster, webhook: Running) -> None:
    """What a node agent writes decides about the next pod, until it is deleted."""
    with api.namespace() as name:
        assert webhook.review(name, _pod()).decisions == "app=skip:LanguageUnknown"
        written = application("java", version="21.0.4", libc="glibc")
        written["metadata"]["namespace"] = name
        api.apply(written)
        until(
            lambda: webhook.review(name, _pod()).decisions == "app=inject:java",
            "what was seen is known",
        )
        assert webhook.review("elsewhere", _pod()).decisions == "app=skip:LanguageUnknown"
        assert webhook.check(observed.CACHE).startswith("ok; ")
        api.delete(observed.CACHE, CART.object_name, name)
        until(
            lambda: webhook.review(name, _pod()).decisions == "app=skip:LanguageUnknown",
            "it is known no more",
        )


def test_an_older_installation(
    api: Cluster, own: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there is no such kind the webhook is ready all the same, and says what lacks."""
    monkeypatch.setattr(observed, "PATH", observed.PATH.replace(observed.CACHE, "nosuchthings"))
    with running(api.kubeconfig, tmp_path, own) as one:
        assert one.ready().status == 200
        assert "the cluster has no InstrumentedApplications" in one.check(observed.CACHE)
        assert one.review("shop", _pod()).decisions == "app=skip:LanguageUnknown"
