"""Where the command begins behind a wrapper's own options and operands."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """How a wrapper reads its own words.

    `valued` are options whose value is the next word, `operands` the words that stand between
    options and command (a user, a duration), `subcommand` the word without which nothing is
    started (`run`). With `long` every `--option` takes a value.
    """

    valued: frozenset[str] = frozenset()
    operands: int = 0
    subcommand: frozenset[str] = frozenset()
    long: bool = False


def options(
    valued: str = "", operands: int = 0, subcommand: str = "", *, long: bool = False
) -> Options:
    """`Options` written shortly: words separated by blanks."""
    return Options(frozenset(valued.split()), operands, frozenset(subcommand.split()), long)


def command(argv: Sequence[str], spec: Options) -> Sequence[str] | None:
    """The command behind a wrapper; None without its subcommand, empty when nothing follows."""
    at = _past(argv, 1, spec)
    if spec.subcommand:
        if at >= len(argv) or argv[at] not in spec.subcommand:
            return None
        at = _past(argv, at + 1, spec)
    at += spec.operands
    if spec.operands and at < len(argv) and argv[at] == "--":
        at += 1
    return argv[at:]


def after_dashes(argv: Sequence[str]) -> Sequence[str]:
    """The words behind the first `--`."""
    for at, word in enumerate(argv):
        if word == "--":
            return argv[at + 1 :]
    return ()


def value(argv: Sequence[str], *names: str) -> str | None:
    """The value of the first of the options that is there, as `--name value` or `--name=value`."""
    for at, word in enumerate(argv):
        if word in names:
            return argv[at + 1] if at + 1 < len(argv) else None
        name, equals, attached = word.partition("=")
        if equals and name in names:
            return attached
    return None


def _past(argv: Sequence[str], at: int, spec: Options) -> int:
    """The index behind the options that begin at `at`, and behind their `--`."""
    while at < len(argv):
        word = argv[at]
        if word == "--":
            return at + 1
        if word[:1] != "-" or word == "-":
            break
        takes = word in spec.valued or (spec.long and word.startswith("--") and "=" not in word)
        at += 2 if takes else 1
    return at
