from io import StringIO

from console.status.progress import Progress


class Terminal(StringIO):
    """A stream that says it is one."""

    def isatty(self) -> bool:
        """As a terminal answers."""
        return True


class Clock:
    """Time that passes when told to."""

    now = 0.0

    def __call__(self) -> float:
        """The time."""
        return self.now


def test_a_short_reading_is_silent() -> None:
    """Within a second nothing is said."""
    stream, clock = Terminal(), Clock()
    progress = Progress(stream, clock)

    clock.now = 0.9
    progress.read(pods=100, namespaces=1)
    progress.done()

    assert stream.getvalue() == ""


def test_a_terminal() -> None:
    """In a terminal one line is written over, and taken back at the end."""
    stream, clock = Terminal(), Clock()
    progress = Progress(stream, clock, total=20)
    clock.now = 1.0
    progress.read(pods=1200, namespaces=3)
    progress.read(pods=1)
    clock.now = 1.5
    progress.read(pods=1)
    progress.done()

    erased = stream.getvalue().split("\r\x1b[K")
    assert erased == [
        "",
        "read 1,200 pods of 3 of 20 namespaces",
        "read 1,202 pods of 3 of 20 namespaces",
        "",
    ]


def test_a_log() -> None:
    """Where lines stay there are few of them."""
    stream, clock = StringIO(), Clock()
    progress = Progress(stream, clock, total=2)
    for clock.now in (1.0, 5.0, 10.9, 11.0):
        progress.read(pods=1)
    progress.done()

    assert stream.getvalue().splitlines() == [
        "spanhook: read 1 pods of 0 of 2 namespaces",
        "spanhook: read 4 pods of 0 of 2 namespaces",
    ]
