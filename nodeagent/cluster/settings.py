"""The administrator's settings in ConfigMap `spanhook-settings`, as they change.

    the document is         at the start                        later
    ----------------------  ----------------------------------  --------------------------
    right                   taken                               taken
    wrong somewhere         its right fields are taken, the     the settings before stay
                            others have their defaults
    absent, or empty        the defaults                        the defaults
    not ours to read        the defaults                        the settings before stay

The webhook does the same with it. Before it is known what holds, nothing is touched.
"""

from collections.abc import Callable, Iterable, Mapping

import msgspec

from kube.errors import ApiError, KubeError
from kube.paths import path
from webhook.names import SETTINGS
from webhook.settings import Settings

KEY = "settings.yaml"
SELECTOR = f"metadata.name={SETTINGS}"
"""The one ConfigMap, as a field selector: RBAC knows it by its name."""

Salvage = Callable[[str, str], tuple[Settings, tuple[str, ...]]]
"""Text and what to call it → what of it can be used, and what is wrong with the rest."""


def place(namespace: str) -> str:
    """The path of the collection that the ConfigMap is in."""
    return path("v1", "configmaps", namespace=namespace)


class SettingsObject(msgspec.Struct):
    """What is read of the ConfigMap."""

    data: dict[str, str] | None = None


class SettingsWatch:
    """Hands settings to `taken` as the ConfigMap has them; what is wrong goes to `say`."""

    def __init__(
        self, salvage: Salvage, taken: Callable[[Settings], None], say: Callable[[str], None]
    ) -> None:
        self._salvage = salvage
        self._taken = taken
        self._say = say
        self._data: Mapping[str, str] | None = None
        self._settings: Settings | None = None

    def replaced(self, objects: Iterable[SettingsObject]) -> None:
        """The ConfigMap, or nothing where there is none."""
        self.changed(next(iter(objects), SettingsObject()))

    def changed(self, item: SettingsObject) -> None:
        """Take the document, as far as it is right."""
        data = item.data or {}
        if data == self._data:
            return  # a new list after a lost watch, or a label
        self._data = data
        settings, problems = self._read(data)
        first = self._settings is None
        if problems:
            stands = "its right fields hold" if first else "the settings of before hold"
            self._say(f"settings: {'; '.join(problems)}: {stands}")
        if first or not problems:
            self._take(settings)

    def removed(self, _: SettingsObject) -> None:
        """The ConfigMap was deleted."""
        self._data = None
        self._take(Settings())

    def contact(self, error: KubeError | None) -> None:
        """Say why they cannot be read; who may not read them goes by the defaults."""
        if error is None:
            self._say("settings: in contact again")
            return
        refused = isinstance(error, ApiError) and not error.passing
        if refused and self._settings is None:
            self._say(f"settings: {error}; the defaults hold")
            self._taken(Settings())
        else:
            self._say(f"settings: {error}")

    def _read(self, data: Mapping[str, str]) -> tuple[Settings, tuple[str, ...]]:
        if data and KEY not in data:
            return Settings(), (f"there is no key {KEY}, only {', '.join(data)}",)
        return self._salvage(data.get(KEY, ""), KEY)

    def _take(self, settings: Settings) -> None:
        if self._settings is not None and settings != self._settings:
            self._say("settings: taken as they are now")
        self._settings = settings
        self._taken(settings)
