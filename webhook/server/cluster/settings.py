"""The settings in ConfigMap `spanhook-settings`, as they change.

    the document is         at the start                        later
    ----------------------  ----------------------------------  --------------------------
    right                   taken                               taken
    wrong somewhere         its right fields are taken, the     the settings before stay
                            others have their defaults
    absent, or empty        the defaults                        the defaults

What is wrong is said by the log, by an Event on the ConfigMap and by `spanhook_settings_valid`.
"""

from collections.abc import Callable, Iterable
from hashlib import sha256

import msgspec

from webhook.names import SETTINGS
from webhook.server.cluster.event import Event, Regarding
from webhook.server.logs import Log
from webhook.server.settings import salvage
from webhook.settings import Settings

KEY = "settings.yaml"

_PART = "the right fields hold, the others have their defaults"
_BEFORE = "the settings of before hold"


class _Metadata(msgspec.Struct, rename="camel"):
    name: str
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""


class Document(msgspec.Struct):
    """What is read of the ConfigMap."""

    metadata: _Metadata
    data: dict[str, str] | None = None


class SettingsStore:
    """Holds the settings, and hands them to `taken` whenever they change."""

    def __init__(
        self, taken: Callable[[Settings], None], say: Callable[[Event], None], log: Log
    ) -> None:
        self._taken = taken
        self._say = say
        self._log = log
        self._read = False
        self._version: str | None = None
        self.settings = Settings()
        self.problems: tuple[str, ...] = ()
        """What is wrong with the newest document, a line each."""

    def __len__(self) -> int:
        return 0 if self._version is None else 1

    def replaced(self, objects: Iterable[Document]) -> None:
        """The ConfigMap, or nothing where there is none."""
        found = next(iter(objects), None)
        if found is not None:
            self.changed(found)
        elif self._version is not None:
            self._gone()
        self._read = True

    def changed(self, item: Document) -> None:
        """Take the document, as far as it is right."""
        if item.metadata.resource_version == self._version:
            return  # a new list after a lost watch
        self._version = item.metadata.resource_version
        first, self._read = not self._read, True
        settings, self.problems = _settings(item)
        if self.problems:
            self._complain(item, _PART if first else _BEFORE)
        if first or not self.problems:
            self._take(settings)

    def removed(self, item: Document) -> None:
        """The ConfigMap was deleted."""
        note = f"ConfigMap {SETTINGS} was deleted: the defaults hold"
        self._say(_event(item, "SettingsDeleted", note))
        self._gone()

    def forget(self) -> None:
        """Nothing to do: the settings hold until others can be read."""

    def note(self) -> str:
        """What `/readyz?verbose` says of them."""
        if self._version is None:
            return "no ConfigMap, the defaults hold"
        return "; ".join(self.problems) or f"resourceVersion {self._version}"

    def _gone(self) -> None:
        self._version, self.problems = None, ()
        self._log.event("warning", "settings deleted, the defaults hold", name=SETTINGS)
        self._take(Settings())

    def _take(self, settings: Settings) -> None:
        if settings != self.settings:
            self._log.event("info", "settings taken", version=self._version)
        self.settings = settings
        self._taken(settings)

    def _complain(self, item: Document, stands: str) -> None:
        self._log.event("error", f"settings wrong: {stands}", problems=list(self.problems))
        note = f"{'; '.join(self.problems)}. Now {stands}."
        self._say(_event(item, "InvalidSettings", note))


def _settings(item: Document) -> tuple[Settings, tuple[str, ...]]:
    data = item.data or {}
    if KEY not in data and data:
        return Settings(), (f"there is no key {KEY}, only {', '.join(data)}",)
    return salvage(data.get(KEY, ""), KEY)


def _event(item: Document, reason: str, note: str) -> Event:
    one = item.metadata
    regarding = Regarding("v1", "ConfigMap", one.name, one.namespace, one.uid)
    # Each edit is wrong in its own way, and may be so again an hour later.
    about = sha256(f"{one.resource_version} {note}".encode()).hexdigest()
    return Event(regarding, reason, note, "ReadSettings", about)
