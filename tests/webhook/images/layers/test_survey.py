"""Layers on top of each other, orders, bounds, and when to stop."""

import random
import tracemalloc
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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


PATHS = st.sampled_from(
    [
        "app/run",
        "app/start",
        "usr/bin/run",
        "bin/run",
        "bin",
        "srv",
        "app",
        "srv/run",
        "app/package.json",
        "usr/bin/node",
        "x/.wh.run",
        "app/.wh.run",
        ".wh.app",
        "app/.wh..wh..opq",
        "app/run.runtimeconfig.json",
        "app/run.deps.json",
        "lib/ld-musl-x.so.1",
        "usr/lib/python3.12/x.py",
        "usr/local/bin/python3",
        "app/node_modules/dd-trace/x",
        "a/release",
    ]
)
CONTENTS = st.sampled_from(
    [
        b"",
        GO,
        C,
        RUBY.encode(),
        b"#!/bin/sh\nexec /app/start\n",
        b"#!/usr/bin/python3\n",
        b'{"type": 1}',
        b'JAVA_VERSION="17"\n',
        b"\0",
    ]
)
KINDS = st.sampled_from(["file", "file", "directory", "symlink", "hardlink", "other"])
MEMBERS = st.builds(
    Member,
    PATHS,
    KINDS,
    CONTENTS,
    st.sampled_from([0o644, 0o755]),
    PATHS | st.sampled_from(["/", "..", "../x", ""]),
)
LISTS = st.lists(st.lists(MEMBERS, max_size=8, unique_by=lambda member: member.path), max_size=3)


@settings(max_examples=300)
@given(LISTS, st.randoms(use_true_random=False))
def test_order(layers: list[list[Member]], chance: random.Random) -> None:
    """The order of a layer's entries changes nothing."""
    mixed = [chance.sample(layer, len(layer)) for layer in layers]

    for argv in (["/app/run"], ["run", "x"], ["node", "/app/run"]):
        assert surveyed(argv, *layers) == surveyed(argv, *mixed)


@settings(max_examples=300)
@given(
    st.lists(
        st.builds(
            Member,
            st.text(max_size=30) | PATHS,
            st.sampled_from(["file", "symlink", "hardlink", "directory", "other", "?"]),
            st.binary(max_size=200) | CONTENTS,
            st.integers(0, 0o7777),
            st.text(max_size=30),
        ),
        max_size=12,
    ),
    st.lists(st.text(max_size=20) | PATHS, max_size=3),
)
def test_any_entries(layer: list[Member], argv: list[str]) -> None:
    """Any entries and any command line give findings."""
    findings = surveyed(argv, layer, working_directory="".join(argv))

    assert not [e for e in findings.evidence if not e.fact]


LONG = b"#!/bin/sh\n" + b"#" * 3000


def grown(number: int) -> Member:
    """One of very many entries, of each kind that is kept."""
    name = f"{number:06}-{'x' * 150}"
    return (
        program(f"bin/{name}", LONG),
        link(f"bin/{name}", f"../srv/{name}"),
        text(f"bin/.wh.{name}"),
        text(f"srv/{name}/package.json", '{"type": "module"}'),
        text(f"srv/{name}/site-packages/ddtrace/x"),
        program(f"srv/{name}/run", b"\0"),
        text(f"srv/{name}/lib/python3.12/x.jar"),
        hard(f"srv/{name}/x", f"bin/{name}"),
    )[number % 8]


def test_bounds() -> None:
    """Memory is bounded: more entries of what is kept than there is room for take no more."""
    survey = Survey(Start(("/app/run",)))
    tracemalloc.start()
    for number in range(40_000):
        feed(survey, grown(number))
    survey.end_layer()
    findings = survey.findings
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 32 << 20
    assert len(findings.agents) <= 64


def test_full() -> None:
    """The entry program has room where others have used it up; so have the first of the others."""
    crowd = [program(f"a/{number}", "x") for number in range(13_000)]
    wanted = [link("z/z/z/run", "../x/server"), program("z/z/x/server", GO)]
    layer = [*crowd, *wanted]

    assert deciding(surveyed(["/z/z/z/run"], [*crowd, program("z/z/z/run", GO)])) == ["go"]
    assert surveyed(["/z/z/z/run"], layer) == surveyed(["/z/z/z/run"], layer[::-1])


def test_too_many_whiteouts() -> None:
    """Where not all whiteouts can be kept nothing is decided."""
    layer = files(*(f"a/.wh.{number}" for number in range(5_000)))

    assert deciding(surveyed(["/app/run"], layer, [program("app/run", GO)])) == []


def test_fewer_bytes_than_wanted() -> None:
    """A reader that gives fewer bytes than are wanted is not asked again."""
    survey = Survey(Start(("/app/run",)))
    member = program("app/run", b"#!/bin/sh\n" + b"#" * 20_000)
    entry: Entry = Member(member.path, content=bytes(30_000), mode=0o755)

    assert survey.feed(entry) == 30_000
    assert survey.feed_head(entry, member.content) == 0
