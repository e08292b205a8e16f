"""What is wrong with a file that was to be read as a Go program."""

from enum import StrEnum


class Reason(StrEnum):
    """Why a file cannot be read, as a word for metrics and logs."""

    NOT_ELF = "not-elf"
    NOT_GO = "not-go"
    UNSUPPORTED = "unsupported"  # another machine or byte order, or too old
    UNREADABLE = "unreadable"  # the file system said no
    TRUNCATED = "truncated"  # what the file points to is behind its end
    CORRUPT = "corrupt"  # it contradicts itself
    TOO_LARGE = "too-large"  # more of something than a budget allows
    NO_FUNCTIONS = "no-functions"  # Go's, but its table of functions was not found
    NO_MODULE = "no-module"  # Go's, but what the runtime knows of the program was not found


class BinaryError(Exception):
    """A file that cannot be read as a Go program: `reason` is a word, the text says more."""

    def __init__(self, reason: Reason, text: str) -> None:
        super().__init__(text)
        self.reason = reason


class NotGo(BinaryError):  # noqa: N818, an outcome more than an error
    """A file that is no Go program; everyday, no fault."""
