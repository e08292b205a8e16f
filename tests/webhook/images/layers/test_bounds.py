"""Any entries in any order, and very many of them."""

import random
import tracemalloc

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.webhook.images.layers.elves import NOTE_OF_GO, build_information, elf
from tests.webhook.images.layers.surveys import (
    Member,
    deciding,
    feed,
    files,
    hard,
    link,
    program,
    surveyed,
    text,
)
from webhook.images.layers import Start, Survey

GO = elf(note=NOTE_OF_GO, data=build_information())
C = elf(interpreter="/lib64/ld-linux-x86-64.so.2")
RUBY = "#!/usr/bin/env ruby\n"

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
