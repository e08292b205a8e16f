"""Says on stderr how far a long reading has come; a short one says nothing."""

from dataclasses import dataclass

from console.progress import Line


@dataclass(slots=True)
class Progress(Line):
    """Counts what has been read. Nothing depends on it."""

    namespaces: int = 0
    pods: int = 0
    total: int = 0

    def read(self, *, pods: int = 0, namespaces: int = 0) -> None:
        """Note what has been read since."""
        self.pods += pods
        self.namespaces += namespaces
        self.say(self._text)

    def _text(self) -> str:
        return f"read {self.pods:,} pods of {self.namespaces:,} of {self.total:,} namespaces"
