"""Layers made of entries, and a survey of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from webhook.images.layers import Findings, Start, Survey
from webhook.images.layers.entry import Entry


@dataclass(frozen=True, slots=True)
class Member:
    """An entry and its content."""

    path: str
    kind: str = "file"
    content: bytes = b""
    mode: int = 0o644
    target: str = ""

    @property
    def size(self) -> int:
        """Bytes of content."""
        return len(self.content)


Layer = Sequence[Member]


def program(path: str, content: bytes | str) -> Member:
    """A file that can be executed."""
    return Member(
        path, content=content.encode() if isinstance(content, str) else content, mode=0o755
    )


def text(path: str, content: str = "x") -> Member:
    """A file that cannot."""
    return Member(path, content=content.encode())


def link(path: str, target: str) -> Member:
    """A symbolic link."""
    return Member(path, "symlink", target=target, mode=0o777)


def hard(path: str, target: str) -> Member:
    """A hard link."""
    return Member(path, "hardlink", target=target, mode=0o755)


def folder(path: str) -> Member:
    """A directory."""
    return Member(path, "directory", mode=0o755)


def files(*paths: str) -> list[Member]:
    """Files of which only the names matter."""
    return [text(path) for path in paths]


def feed(survey: Survey, member: Member) -> None:
    """One entry, and of its content what is asked for."""
    entry: Entry = member
    wanted = survey.feed(entry)
    while wanted:
        wanted = survey.feed_head(entry, member.content[:wanted])


def surveyed(argv: Sequence[str], *layers: Iterable[Member], **start: str) -> Findings:
    """What all of the layers tell, the topmost first."""
    survey = Survey(Start(tuple(argv), **start))  # type: ignore[arg-type]
    for layer in layers:
        for member in layer:
            feed(survey, member)
        survey.end_layer()
    return survey.findings


def deciding(findings: Findings) -> list[str | None]:
    """The languages that evidence decides on."""
    return [piece.language for piece in findings.evidence if piece.language and piece.decides]
