"""Reading an image's layers from the top, until it is known what its entry program is.

Without I/O: whoever reads the layers feeds entries in and gives the bytes that are asked for.

    survey = Survey(start)
    for layer in layers:            # the topmost first
        for entry in layer:
            wanted = survey.feed(entry)
            while wanted:
                wanted = survey.feed_head(entry, first_bytes(wanted))
            if survey.is_decided():
                return survey.findings
        survey.end_layer()
    return survey.findings

Within a layer the order of entries changes nothing but when it is decided.
"""

from webhook.images.layers import documents
from webhook.images.layers.entry import Entry
from webhook.images.layers.findings import Findings, gather
from webhook.images.layers.inventory import Inventory
from webhook.images.layers.paths import placed
from webhook.images.layers.start import Start
from webhook.images.layers.verdict import LAUNCHERS

_CONFIGURATIONS = (".yaml", ".yml", ".json", ".toml", ".hcl", ".conf", ".cfg", ".ini")
"""Suffixes of arguments that are no commands."""


class Survey:
    """What is known of an image's layers so far. Holds what may matter, in bounds."""

    def __init__(self, start: Start) -> None:
        self._start = start
        self._inventory = Inventory(start.names)
        self._findings: Findings | None = None
        self._is_stale = True
        """Whether something came since the findings were made."""
        self._is_open = True
        """Whether something came that they depended on."""
        self._is_cut = False
        self._wanted = 0

    def feed(self, entry: Entry) -> int:
        """Take in an entry; how many of its first bytes are wanted (all of a shorter one), or 0."""
        if self._is_cut:
            return 0
        self._wanted = self._inventory.note(entry)
        self._touch(entry)
        return self._wanted

    def feed_head(self, entry: Entry, head: bytes) -> int:
        """Take in the first bytes of the entry that came last; how many are wanted now, or 0."""
        # Fewer than were wanted: there are no more, whatever the entry says of its size.
        is_all = len(head) < self._wanted
        self._wanted = self._inventory.note_head(entry, head, is_all=is_all)
        self._touch(entry, is_document=documents.wanted(entry.path, entry.size))
        return self._wanted

    def end_layer(self, *, is_complete: bool = True) -> None:
        """The layer is over; without `is_complete` there is more of it that was not read.

        Below a layer that was not read to its end nothing is sure, and nothing is taken in.
        """
        self._is_stale = self._is_open = True
        if is_complete:
            self._inventory.layers += 1
        else:
            self._is_cut = True

    @property
    def is_alone(self) -> bool:
        """Whether nothing stands behind the program that it could be there to start.

        Then a Go program is one, whatever its build information may still say of it.
        """
        words = (word for program in self._start.programs for word in program.argv[1:])
        alone = all(word[:1] == "-" or word.endswith(_CONFIGURATIONS) for word in words)
        return alone and not LAUNCHERS & self._start.names

    def is_decided(self) -> bool:
        """Whether to stop: what was looked for is known, or cannot be found."""
        if self._findings is None or self._is_open:
            self._findings = self._gather()
        return self._is_cut or self._findings.is_settled

    @property
    def findings(self) -> Findings:
        """What the layers tell so far."""
        if self._findings is None or self._is_stale:
            self._findings = self._gather()
        return self._findings

    def _gather(self) -> Findings:
        self._inventory.tree.asked.clear()
        self._is_stale = self._is_open = False
        return gather(self._start, self._inventory, is_sure=self._inventory.tree.is_sound)

    def _touch(self, entry: Entry, *, is_document: bool = False) -> None:
        """Note what changes the findings: few entries do, and each is worth a look at once."""
        self._is_stale = True
        if not self._is_open:
            self._is_open = is_document or placed(entry.path) in self._inventory.tree.asked
