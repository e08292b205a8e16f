"""The progress of provisioning: a spinner for each language, or a line for each that is done."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from demo.display import Display


class Preparation:
    """Told by `provision` how far the languages are; from several threads."""

    def __init__(self, display: Display, progress: Progress) -> None:
        self._display = display
        self._progress = progress
        self.over = False
        """Set when nobody looks any more: what is still under way ends unheard."""
        self._tasks: dict[str, TaskID] = {}

    def step(self, language: str, text: str) -> None:
        """What a language is at."""
        shown = text.removeprefix(f"{language}: ")
        if language not in self._tasks:
            self._tasks[language] = self._progress.add_task(shown, total=None, language=language)
        self._progress.update(self._tasks[language], description=shown)

    def done(self, language: str, text: str, *, ready: bool, seconds: float) -> None:
        """How a language ended."""
        if self.over:
            return
        if (task := self._tasks.get(language)) is not None:
            self._progress.update(task, visible=False)
        self._display.mark(language, text, good=ready, beside=f"{seconds:.1f} s")


@contextmanager
def preparing(display: Display) -> Iterator[Preparation]:
    """Show progress while it lasts; without a terminal only what is done."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.fields[language]:<10}"),
        TextColumn("{task.description}", style="dim"),
        TimeElapsedColumn(),
    )
    console = display.console
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        preparation = Preparation(display, progress)
        try:
            yield preparation
        finally:
            preparation.over = True
