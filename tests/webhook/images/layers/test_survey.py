"""Layers on top of each other, orders, bounds, and when to stop."""

from collections.abc import Sequence

import pytest

from tests.webhook.images.layers.elves import NOTE_OF_GO, build_information, elf
from tests.webhook.images.layers.surveys import (
    Layer,
    Member,
    deciding,
    feed,
    files,
    folder,
    hard,
    link,
    program,
    surveyed,
    text,
)
from webhook.images.layers import Start, Survey
from webhook.images.layers.entry import Entry

GO = elf(note=NOTE_OF_GO, data=build_information())
C = elf(interpreter="/lib64/ld-linux-x86-64.so.2")
RUBY = "#!/usr/bin/env ruby\n"

# (id, layers from the top, languages that are decided on for /app/run)
LAYERS: list[tuple[str, list[Layer], list[str]]] = [
    ("the higher file counts", [[program("app/run", RUBY)], [program("app/run", GO)]], ["~Ruby"]),
    ("a whiteout", [files("app/.wh.run"), [program("app/run", GO)]], []),
    ("a whiteout of a folder", [files(".wh.app"), [program("app/run", GO)]], []),
    ("an opaque folder", [files("app/.wh..wh..opq"), [program("app/run", GO)]], []),
    (
        "a whiteout of what is below it alone",
        [[program("app/run", GO), *files("app/.wh.run")], []],
        ["go"],
    ),
    ("a whiteout below", [[program("app/run", GO)], files("app/.wh.run", ".wh.app")], ["go"]),
    ("a whiteout of another", [files("app/.wh.running"), [program("app/run", GO)]], ["go"]),
    ("aufs' own marks", [files("app/.wh..wh.plnk"), [program("app/run", GO)]], ["go"]),
    ("a file in the folder's place", [[program("app", C)], [program("app/run", GO)]], []),
    ("a link below", [[program("srv/x", GO)], [link("app/run", "../srv/x")]], ["go"]),
    ("a link across layers", [[link("app/run", "../srv/run")], [program("srv/run", GO)]], ["go"]),
    (
        "a link out of the root",
        [[link("app/run", "../../../srv/run")], [program("srv/run", GO)]],
        ["go"],
    ),
    ("a folder that is a link", [[program("srv/a/run", GO)], [link("app", "/srv/a")]], ["go"]),
    (
        "a link whose goal is gone",
        [[link("app/run", "/srv/run"), *files("srv/.wh.run")], [program("srv/run", GO)]],
        [],
    ),
    (
        "a link that is gone",
        [files("app/.wh.run"), [link("app/run", "/srv/run")], [program("srv/run", GO)]],
        [],
    ),
    (
        "a folder put into a link's place",
        [
            [folder("app"), program("app/run", GO)],
            [link("app", "/srv")],
            [program("srv/run", RUBY)],
        ],
        ["go"],
    ),
    (
        "a link put into a folder's place",
        [[link("app", "/srv")], [program("app/run", GO), program("srv/run", RUBY)]],
        ["~Ruby"],
    ),
    ("hard links of one layer", [[hard("app/run", "srv/x"), program("srv/x", GO)]], ["go"]),
]


@pytest.mark.parametrize(
    ("layers", "expected"), [pytest.param(*case, id=name) for name, *case in LAYERS]
)
def test_layers(layers: list[Layer], expected: list[str]) -> None:
    """What a higher layer has, or takes away, counts before a lower layer."""
    assert deciding(surveyed(["/app/run"], *layers)) == expected


@pytest.mark.parametrize(
    ("argv", "layers"),
    [
        (["/bin/run"], [[program("usr/bin/run", GO)], [link("bin", "usr/bin")]]),
        (["/usr/bin/run"], [[program("bin/run", GO)], [link("bin", "usr/bin")]]),
        (["run"], [[program("bin/run", GO)]]),
        (["/usr/bin/run"], [[link("usr/bin/run", "/bin/run"), program("bin/run", GO)]]),
        (["/usr/bin/run"], [[program("bin/run", GO), link("usr/bin/run", "/bin/run")]]),
    ],
)
def test_merged_folders(argv: list[str], layers: list[Layer]) -> None:
    """`bin` and `usr/bin` are one, whichever name a layer uses."""
    assert deciding(surveyed(argv, *layers)) == ["go"]


def test_path() -> None:
    """The first folder of PATH that has a program counts, whatever comes first in the layers."""
    layer = [program("usr/bin/run", GO), program("opt/bin/run", RUBY)]

    assert deciding(surveyed(["run"], layer, path="/opt/bin:/usr/bin")) == ["~Ruby"]
    assert deciding(surveyed(["run"], layer, path="/usr/bin:/opt/bin")) == ["go"]


def decided_after(argv: Sequence[str], *layers: Layer, **start: str) -> int | None:
    """How many entries were read until it was decided."""
    survey = Survey(Start(tuple(argv), **start))  # type: ignore[arg-type]
    count = 0
    if survey.is_decided():
        return count
    for layer in layers:
        for member in layer:
            feed(survey, member)
            count += 1
            if survey.is_decided():
                return count
        survey.end_layer()
        if survey.is_decided():
            return count
    return None


API = [
    *files("app/Api.dll"),
    text(
        "app/Api.runtimeconfig.json",
        '{"runtimeOptions": {"framework": {"name": "Microsoft.NETCore.App", "version": "8.0.0"}}}',
    ),
]
REST = files("x", "y", "z")


@pytest.mark.parametrize(
    ("argv", "layers", "count"),
    [
        (["/app/run"], [[*REST, program("app/run", GO), *REST]], 4),
        (["/app/run"], [[program("app/run", C), *REST], REST], 4),
        (["/app/run"], [REST, [program("app/run", GO)]], 4),
        (["/app/run"], [[link("app/run", "/usr/bin/node"), *REST], REST], 1),
        (["/app/run"], [REST], None),
        (["supervisord"], [REST], 0),
        (["sh", "-c", "$X"], [REST], 0),
        ([], [REST], 0),
        (["dotnet", "/app/Api.dll"], [API, files("lib/ld-musl-x86_64.so.1", "x"), REST], 4),
        (["/app/Api"], [[*API, program("app/Api", C)], REST], 3),
        (["java", "-jar", "x.jar"], [REST], None),
    ],
)
def test_stops(argv: list[str], layers: list[Layer], count: int | None) -> None:
    """Reading stops as soon as what is needed is known, or can never be."""
    assert decided_after(argv, *layers) == count


def test_known_already() -> None:
    """What is known of version and C library is not looked for."""
    assert decided_after(["dotnet", "Api.dll"], REST, version="8.0.1", libc="musl") == 0
    assert decided_after(["java", "-jar", "x.jar"], REST, version="17") == 0


def test_layer_that_was_not_read() -> None:
    """Below a layer that was not read to its end nothing counts, and there is no need to go on."""
    survey = Survey(Start(("/app/run",)))
    survey.end_layer(is_complete=False)
    feed(survey, program("app/run", GO))

    assert survey.is_decided()
    assert deciding(survey.findings) == []


def test_fewer_bytes_than_wanted() -> None:
    """A reader that gives fewer bytes than are wanted is not asked again."""
    survey = Survey(Start(("/app/run",)))
    member = program("app/run", b"#!/bin/sh\n" + b"#" * 20_000)
    entry: Entry = Member(member.path, content=bytes(30_000), mode=0o755)

    assert survey.feed(entry) == 30_000
    assert survey.feed_head(entry, member.content) == 0
