import asyncio
from dataclasses import dataclass, field

import pytest

from kube.errors import ApiError, KubeError, Unreachable
from kube.reflector import Reflector, Times
from tests.kube.playing import (
    BOOKMARK,
    Clock,
    Line,
    Over,
    Source,
    Store,
    Thing,
    error,
    event,
    page,
    thing,
)

AWAY = Unreachable("no route")
FORBIDDEN = ApiError(403, "Forbidden", "may not")
GONE = ApiError(410, "Expired", "too old")
BUSY = ApiError(429, "TooManyRequests", "later", 17.0)
ILL = ApiError(500, "InternalError", "etcd")
ONE = page(thing("a"), version=10)


@dataclass
class Play:
    """A reflector that follows a script to its end."""

    source: Source
    store: Store = field(default_factory=Store)
    clock: Clock = field(default_factory=Clock)
    told: list[str | None] = field(default_factory=list)
    reflector: Reflector[Thing] = field(init=False)

    def __post_init__(self) -> None:
        self.reflector = Reflector(
            self.source,
            "/things",
            Thing,
            self.store,
            label_selector="team=shop",
            told=lambda one: self.told.append(None if one is None else str(one)),
            times=Times(watch_seconds=100, clock=self.clock, sleep=self.clock.sleep),
        )

    @property
    def watched_from(self) -> list[str]:
        """Where each watch was to begin."""
        return [one["resourceVersion"] for one in self.source.asked if "watch" in one]

    @property
    def lists(self) -> int:
        """How many pages were asked for."""
        return sum("watch" not in one for one in self.source.asked)


def play(*script: bytes | KubeError | list[Line]) -> Play:
    """What a reflector makes of what the API server says."""
    played = Play(Source.of(*script))
    with pytest.raises(Over):
        asyncio.run(played.reflector.run())
    return played


def test_listed_then_watched() -> None:
    """All objects at first, then each change, asked for by bookmarkable watches from there on."""
    played = play(
        page(thing("a", 3, "red"), thing("b", 4), version=10),
        [
            event("ADDED", thing("c", 11, "green")),
            event("MODIFIED", thing("a", 12, "blue")),
            event("DELETED", thing("b", 13)),
        ],
    )

    assert played.store.calls == ["replaced a b", "changed c", "changed a", "removed b"]
    assert played.store.colors == {"a": "blue", "c": "green"}
    assert played.reflector.synced
    first = played.source.asked[1]
    assert (first["path"], first["allowWatchBookmarks"]) == ("/things", "true")
    assert 100 <= int(first["timeoutSeconds"]) <= 200
    assert {one["labelSelector"] for one in played.source.asked} == {"team=shop"}
    assert played.watched_from == ["10", "13"]


def test_a_bookmark_moves_on() -> None:
    """A bookmark changes nothing but where the next watch begins."""
    played = play(ONE, [BOOKMARK])

    assert (played.store.calls, played.watched_from) == (["replaced a"], ["10", "50"])


def test_an_empty_collection() -> None:
    """A list that is null is an empty one."""
    played = play(b'{"metadata": {"resourceVersion": "7"}, "items": null}', [])

    assert (played.store.calls, played.watched_from) == (["replaced"], ["7", "7"])


@pytest.mark.parametrize(
    "end",
    [[GONE], [error(410, "Expired")], [BOOKMARK, error(410, "Gone")], GONE],
    ids=["broke off", "event", "event later", "refused"],
)
def test_forgotten(end: list[Line] | KubeError) -> None:
    """After 410, in whatever form, everything is listed anew, and nobody is alarmed."""
    played = play(ONE, end, page(thing("z"), version=99), [])

    assert played.store.calls == ["replaced a", "replaced z"]
    assert played.watched_from[-1] == "99"
    assert played.told == []


@pytest.mark.parametrize("end", [[], [AWAY]], ids=["ended", "broke off"])
def test_a_watch_that_ends(end: list[Line]) -> None:
    """Watching goes on from where it was: nothing is listed, nobody is told of one lost watch."""
    played = play(
        ONE, [event("ADDED", thing("b", 11)), *end], end, [event("ADDED", thing("c", 12))]
    )

    assert played.lists == 1
    assert played.watched_from[:3] == ["10", "11", "11"]
    assert played.told == []
    assert len(played.clock.slept) == 1, "only the watch that told nothing is waited for"


def test_the_api_server_is_away() -> None:
    """Loss and recovery are told once each; waits grow; what is known stays."""
    played = play(ONE, [BOOKMARK, AWAY], *[AWAY] * 6, [event("ADDED", thing("b", 60))])

    assert played.told == ["no route", None]
    assert played.store.calls == ["replaced a", "changed b"]
    assert played.lists == 1
    assert len(played.clock.slept) == 6
    assert played.clock.slept[-1] > played.clock.slept[0]
    assert played.reflector.synced


def test_the_api_server_is_away_from_the_start() -> None:
    """Nothing is known until it answers; then all is."""
    played = play(AWAY, AWAY, ONE, [])

    assert played.told == ["no route", None]
    assert played.store.calls == ["replaced a"]


def test_contact() -> None:
    """While it is away, the time of the last word and the error stand; both know better after."""
    played = Play(Source.of(ONE, [BOOKMARK], AWAY, AWAY))
    with pytest.raises(Over):
        asyncio.run(played.reflector.run())

    assert played.reflector.error == "no route"
    assert played.reflector.last_contact == 100.0
    assert played.clock.now > 100.0
    assert not played.reflector.forbidden


@pytest.mark.parametrize(
    "answer", [ILL, BUSY, [error(500, "InternalError")]], ids=["500", "429", "event"]
)
def test_an_ill_api_server(answer: KubeError | list[Line]) -> None:
    """A server that is ill or busy is asked to watch again, not to list everything."""
    played = play(ONE, answer, [event("ADDED", thing("b", 11))])

    assert (played.lists, played.watched_from[:2]) == (1, ["10", "10"])
    assert len(played.told) == 2


def test_retry_after() -> None:
    """Who is told when to come back does not come earlier."""
    assert play(BUSY, ONE, []).clock.slept[0] >= 17


def test_forbidden() -> None:
    """A missing right is told apart, asked for again ever more seldom, and heals by itself."""
    played = Play(Source.of(*[FORBIDDEN] * 12))
    with pytest.raises(Over):
        asyncio.run(played.reflector.run())

    assert (played.reflector.forbidden, played.reflector.synced) == (True, False)
    assert played.told == ["403 Forbidden: may not"]
    assert 150 <= played.clock.slept[-1] <= 300
    healed = play(FORBIDDEN, ONE, [])
    assert healed.told == ["403 Forbidden: may not", None]
    assert healed.reflector.synced


def test_a_right_that_is_taken() -> None:
    """A watch that is refused is an error; what comes after is a new list."""
    played = play(ONE, FORBIDDEN, page(thing("b"), version=20), [])

    assert played.told == ["403 Forbidden: may not", None]
    assert played.store.calls == ["replaced a", "replaced b"]


def test_away_then_forbidden() -> None:
    """That the cause has become another one is told too."""
    assert play(AWAY, FORBIDDEN, FORBIDDEN, AWAY, ONE, []).told == [
        "no route",
        "403 Forbidden: may not",
        "no route",
        None,
    ]


@pytest.mark.parametrize(
    "line", [b"{", b'{"type": "ADDED", "object": {"metadata": 1}}'], ids=["cut", "odd"]
)
def test_what_cannot_be_read(line: bytes) -> None:
    """An object that cannot be read is said, and everything is listed anew: never passed over."""
    played = play(ONE, [line], page(thing("b"), version=11), [])

    assert played.watched_from[:2] == ["10", "11"]
    assert played.store.calls == ["replaced a", "replaced b"]
    assert (len(played.told), played.told[-1]) == (2, None)


def test_a_list_that_cannot_be_read() -> None:
    """A list that is none leaves what was known as it was."""
    played = play(ONE, [GONE], b"<html>", page(thing("b"), version=5), [])

    assert played.store.calls == ["replaced a", "replaced b"]
    assert len(played.told) == 2


@pytest.mark.parametrize("script", [([],), ([AWAY],), (ONE, [GONE])], ids=["ends", "breaks", "410"])
def test_many_quick_ends_are_not_a_storm(script: tuple[bytes | list[Line], ...]) -> None:
    """What ends at once each time, for whatever reason, is asked for ever more slowly."""
    slept = play(ONE, *(script * 10)[len(script) - 1 :]).clock.slept

    assert max(slept) > 10 * slept[0]
