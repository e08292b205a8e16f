import asyncio
from typing import Any

import pytest

from kube.errors import ApiError, Unreachable
from tests.kube.playing import Over, Source, page, thing
from tests.webhook.server.cluster.recording import Recording
from webhook.namespaces import NamespaceObject
from webhook.server.cluster.cache import Cache, Watched, measure
from webhook.server.cluster.namespaces import PATH, Namespaces

AWAY = Unreachable("https://x: no route")
FORBIDDEN = ApiError(403, "Forbidden", "may not")
ABSENT = ApiError(404, "NotFound", "no such kind")
ONE = page(thing("a"), thing("b"), version=10)


@pytest.fixture
def instant(monkeypatch: pytest.MonkeyPatch) -> None:
    """No wait takes any time."""
    monkeypatch.setattr("kube.backoff.Backoff.next", lambda *_: 0.0)


pytestmark = pytest.mark.usefixtures("instant")


class Forgetful(Namespaces):
    """Notes that it was told to forget."""

    forgot = False

    def forget(self) -> None:
        """Note it."""
        self.forgot = True


def play(*script: Any, optional: bool = False) -> tuple[Cache[NamespaceObject], Recording]:
    """A cache that followed a script to its end."""
    recording = Recording()
    watched = Watched("things", PATH, NamespaceObject, Forgetful(), optional=optional)
    cache = Cache(watched, recording.log)
    measure((cache,), recording.telemetry)
    with pytest.raises(Over):
        asyncio.run(cache.run(Source.of(*script)))
    return cache, recording


def state(recording: Recording) -> dict[str, float | None]:
    """The metrics that are 0 or 1, and how many objects there are."""
    names = ("synced", "connected", "forbidden", "objects")
    return {n: recording.metric(f"spanhook_cache_{n}", cache="things") for n in names}


def test_before_it_runs() -> None:
    """A cache that has not begun is not ready, and says so."""
    recording = Recording()
    cache = Cache(Watched("things", PATH, NamespaceObject, Namespaces()), recording.log)
    measure((cache,), recording.telemetry)

    assert cache.check() == "not read yet"
    assert state(recording) == {"synced": 0, "connected": 0, "forbidden": 0, "objects": 0}


def test_in_contact() -> None:
    """Ready, with the number of objects and how long ago the API server was heard."""
    cache, recording = play(ONE, [])

    assert cache.check() is None
    assert cache.note().startswith("2 objects, the API server was heard 0.")
    assert state(recording) == {"synced": 1, "connected": 1, "forbidden": 0, "objects": 2}
    age = recording.metric("spanhook_cache_age_seconds", cache="things")
    assert age is not None
    assert 0 <= age < 60
    assert recording.lines == []


def test_away_from_the_start() -> None:
    """Not ready, with the error in its own words."""
    cache, recording = play(AWAY, AWAY)

    assert cache.check() == "https://x: no route"
    assert recording.said() == [("error", "the API server is not there; waiting")]


@pytest.mark.parametrize("lost", [AWAY, ApiError(401, "Unauthorized", "")], ids=["away", "expired"])
def test_lost(lost: Exception) -> None:
    """Ready all the same; note, metric and log say that it is lost, the log once."""
    cache, recording = play(ONE, lost, lost, lost)

    assert cache.check() is None
    assert cache.note().endswith(f"now: {lost}")
    assert state(recording) == {"synced": 1, "connected": 0, "forbidden": 0, "objects": 2}
    assert recording.said() == [("error", "the API server is not there; going on with 2 objects")]


def test_found_again() -> None:
    """The log says that too, once."""
    cache, recording = play(ONE, AWAY, AWAY, [], [])

    assert recording.said()[1:] == [("info", "the API server is there again")]
    assert cache.connected


@pytest.mark.parametrize(
    ("optional", "check"),
    [(True, None), (False, "403 Forbidden: may not")],
    ids=["optional", "needed"],
)
def test_forbidden(*, optional: bool, check: str | None) -> None:
    """Only what can be done without leaves the server ready; what was known is let go."""
    cache, recording = play(FORBIDDEN, FORBIDDEN, optional=optional)

    assert cache.check() == check
    assert "does not allow" in cache.note()
    assert state(recording) == {"synced": 0, "connected": 0, "forbidden": 1, "objects": 0}
    assert [level for level, _ in recording.said()] == ["warning"]
    assert isinstance(cache.watched.store, Forgetful)
    assert cache.watched.store.forgot


@pytest.mark.parametrize(
    ("optional", "check"),
    [(True, None), (False, "404 NotFound: no such kind")],
    ids=["optional", "needed"],
)
def test_no_such_kind(*, optional: bool, check: str | None) -> None:
    """What is optional need not be installed; the log and the note say that it is not."""
    cache, recording = play(ABSENT, ABSENT, optional=optional)

    assert cache.check() == check
    assert cache.note() == "the cluster has no such kind: 404 NotFound: no such kind"
    assert recording.said() == [("warning", "the cluster has no such kind")]


@pytest.mark.parametrize("lack", [FORBIDDEN, ABSENT], ids=["forbidden", "absent"])
def test_away_from_what_lacks(lack: ApiError) -> None:
    """What the server did without it does without when the API server goes, and is told of both."""
    cache, recording = play(lack, AWAY, AWAY, optional=True)

    assert cache.check() is None
    assert cache.error == str(AWAY)
    assert [level for level, _ in recording.said()] == ["warning", "error"]


def test_what_lacks_after_a_loss() -> None:
    """An API server that comes back without the kind says so: ready, and told of both."""
    cache, recording = play(AWAY, ABSENT, optional=True)

    assert cache.check() is None
    assert [level for level, _ in recording.said()] == ["error", "warning"]


def test_installed_later() -> None:
    """A kind that comes later is watched from then on."""
    cache, _ = play(ABSENT, ONE, [], optional=True)

    assert cache.connected
    assert not cache.absent


def test_allowed_again() -> None:
    """A right that is given later is taken up."""
    cache, recording = play(FORBIDDEN, ONE, [], optional=True)

    assert cache.connected
    assert state(recording)["forbidden"] == 0


def test_started_anew() -> None:
    """A cache that a bug ended is ready with what it had while it reads everything again."""
    cache, _ = play(ONE, [])
    with pytest.raises(Over):
        asyncio.run(cache.run(Source.of()))

    assert cache.check() is None
    assert len(cache.watched.store) == 2
