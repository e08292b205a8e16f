from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec
import pytest

from tests.webhook.server.cluster.recording import Recording
from webhook.server.cluster.event import Event
from webhook.server.cluster.settings import Document, SettingsStore
from webhook.settings import Settings

GOOD = "endpoint: http://one:4318\n"
BAD = "endpoint: 3\nsignals: [traces]\n"


def document(text: str | None, version: int = 1, key: str = "settings.yaml") -> Document:
    """The ConfigMap with a settings text under a key, or without data."""
    found = {} if text is None else {key: text}
    metadata = {
        "name": "spanhook-settings",
        "namespace": "spanhook-system",
        "uid": "u-1",
        "resourceVersion": str(version),
    }
    return msgspec.convert({"metadata": metadata, "data": found}, Document)


@dataclass
class Play:
    """A store, and what it handed on."""

    recording: Recording = field(default_factory=Recording)
    taken: list[Settings] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    store: SettingsStore = field(init=False)

    def __post_init__(self) -> None:
        self.store = SettingsStore(self.taken.append, self.events.append, self.recording.log)

    @property
    def now(self) -> Settings:
        """The settings that hold."""
        assert self.store.settings == self.taken[-1]
        return self.taken[-1]

    @property
    def notes(self) -> list[str]:
        """What Events say."""
        return [event.note for event in self.events]


def test_right_settings() -> None:
    """They hold at once, and an edit replaces them."""
    play = Play()
    play.store.replaced([document(GOOD)])
    first = play.now
    play.store.changed(document("endpoint: http://two:4318\n", 2))

    assert (first.endpoint, play.now.endpoint) == ("http://one:4318", "http://two:4318")
    assert play.recording.said() == [("info", "settings taken")] * 2
    assert (play.events, play.store.problems) == ([], ())
    assert "resourceVersion 2" in play.store.note()


def test_no_settings() -> None:
    """Without a ConfigMap, or with an empty one, the defaults hold and nothing is wrong."""
    for found in ([], [document("")], [document(None)]):
        play = Play()
        play.store.replaced(found)

        assert play.store.settings == Settings()
        assert (play.events, play.store.problems, play.recording.lines) == ([], (), [])
    empty = Play()
    empty.store.replaced([])
    assert "the defaults hold" in empty.store.note()


def test_wrong_at_the_start() -> None:
    """What is right holds, what is wrong has its default, and everybody is told."""
    play = Play()
    play.store.replaced([document(BAD)])

    assert play.now == Settings(signals=("traces",))
    problem = "settings.yaml: endpoint: expected `str`; there is 3."
    assert play.notes == [f"{problem} Now the right fields hold, the others have their defaults."]
    event = play.events[0]
    assert (event.reason, event.kind, event.regarding.uid) == ("InvalidSettings", "Warning", "u-1")
    level, message = play.recording.said()[0]
    assert (level, "the others have their defaults" in message) == ("error", True)
    assert play.recording.lines[0]["problems"] == list(play.store.problems)
    assert "endpoint: expected" in play.store.note()


def test_wrong_later() -> None:
    """An edit that is wrong somewhere changes nothing; mended, it holds."""
    play = Play()
    play.store.replaced([document(GOOD)])
    play.store.changed(document(BAD, 2))

    assert play.now.endpoint == "http://one:4318"
    assert play.now.signals == Settings().signals
    assert play.notes[0].endswith("there is 3. Now the settings of before hold.")
    play.store.changed(document("signals: [traces]", 3))
    assert (play.now, play.store.problems) == (Settings(signals=("traces",)), ())


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (document("a: ["), "line"),
        (document("- a"), "the document: expected"),
        (document("endpiont: x"), "endpiont: unknown field; did you mean endpoint?"),
        (document("languages: {kotlin: {}}"), "languages.kotlin: unknown language"),
        (
            document("x", key="settings.yml"),
            "there is no key settings.yaml, only settings.yml",
        ),
    ],
    ids=["not YAML", "not a mapping", "unknown field", "unknown language", "another key"],
)
def test_what_is_wrong_is_named(found: Document, said: str) -> None:
    """Whatever is wrong at the start, the defaults serve and an Event says what."""
    play = Play()
    play.store.replaced([found])

    assert play.now == Settings()
    assert said in play.notes[0]


def gone_by_watch(store: SettingsStore) -> None:
    """The watch tells of the deletion."""
    store.removed(document(GOOD, 2))


def gone_by_list(store: SettingsStore) -> None:
    """A new list lacks it."""
    store.replaced([])


@pytest.mark.parametrize("gone", [gone_by_watch, gone_by_list])
def test_deleted(gone: Callable[[SettingsStore], None]) -> None:
    """The defaults hold again, and it is said."""
    play = Play()
    play.store.replaced([document(GOOD)])
    assert len(play.store) == 1
    gone(play.store)

    assert (play.now, len(play.store)) == (Settings(), 0)
    assert ("warning", "settings deleted, the defaults hold") in play.recording.said()


def test_deleted_while_wrong() -> None:
    """With the document its problems go."""
    play = Play()
    play.store.replaced([document(BAD)])
    play.store.removed(document(BAD, 2))

    assert (play.store.problems, play.now) == ((), Settings())
    assert [event.reason for event in play.events] == ["InvalidSettings", "SettingsDeleted"]


def test_the_same_again() -> None:
    """A new list after a lost watch is no edit: a wrong document is not complained of twice."""
    play = Play()
    play.store.replaced([document(BAD)])
    play.store.replaced([document(BAD)])

    assert (len(play.events), len(play.taken)) == (1, 1)


def test_each_edit_is_complained_of() -> None:
    """Events about two edits that are wrong in the same way are two."""
    play = Play()
    play.store.replaced([document(GOOD)])
    play.store.changed(document(BAD, 2))
    play.store.changed(document(BAD, 3))

    identities = {event.identity for event in play.events}
    assert len(identities) == 2


def test_a_right_that_is_taken() -> None:
    """Settings that can no longer be read hold."""
    play = Play()
    play.store.replaced([document(GOOD)])
    play.store.forget()
    kept: Any = play.store.settings

    assert kept.endpoint == "http://one:4318"
