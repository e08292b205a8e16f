"""What is read of Go programs of many versions, compared with what Go's own readers tell."""

import platform
import re
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

from nodeagent.binary.program import GoProgram
from tests.nodeagent.binary.builds import VARIANTS, Case, Shape, Told

# What the probes ask of net/http and database/sql, in all versions.
ASKED = {
    "net/http.Request": ("Method", "URL", "Header", "Proto", "Host", "RemoteAddr", "ctx"),
    "net/http.Response": ("StatusCode",),
    "net/http.response": ("req", "status", "handlerHeader"),
    "net/http.conn": ("rwc", "remoteAddr"),
    "net/url.URL": ("Scheme", "Host", "Path", "RawQuery"),
    "bufio.Writer": ("buf", "n"),
    "database/sql.DB": ("connector",),
    "runtime.g": ("goid",),
    "example.com/prices.Money": ("Tag", "Currency", "limits"),
}
# Padding behind a function's instructions, up to where the next one is aligned (arm64: 64 bytes).
MOST_PADDING = 64
_PAGE = 4096


def test_build_is_read(case: Case, program: GoProgram, truth: Told) -> None:
    """Version, modules and machine are those that Go's own reader tells."""
    variant = VARIANTS[case.variant]

    assert f"go{program.version}".startswith(f"go{case.version}")
    assert f"go{program.version}" == truth["version"]
    assert (program.module, program.path) == ("example.com/shop", "example.com/shop")
    assert program.dependencies == truth["modules"]
    assert program.architecture == variant.architecture
    assert program.is_pie == ("-buildmode=pie" in variant.options)
    assert program.build_id


def test_all_functions_are_found(program: GoProgram, truth: Told) -> None:
    """Every function that the debug information has is at its place, in one pass."""
    # Until Go 1.20 the table writes `[...]` where a generic function's parameters were.
    wanted = {name: place for name, place in truth["functions"].items() if "[" not in name}

    found = program.functions(wanted)

    assert {name: place[0] for name, place in wanted.items()} == {
        name: function.address for name, function in found.items()
    }
    padding = [found[name].size - (end - begin) for name, (begin, end) in wanted.items()]
    assert 0 <= min(padding) <= max(padding) <= MOST_PADDING


def test_instructions_are_where_functions_say(file: Path, program: GoProgram) -> None:
    """A function's place in the file holds its instructions."""
    function = program.function("main.leaf")

    assert function is not None
    code = file.read_bytes()[function.file_offset :][: function.size]
    assert program.code(function) == code
    added = b"\x48\x01\xd8\xc3" if program.architecture == "amd64" else b"\x00\x00\x01\x8b"
    assert code.startswith(added)  # add rax, rbx; ret | add x0, x0, x1


def test_unknown_functions_are_not_found(program: GoProgram) -> None:
    """A name that is part of another one, or of none, finds nothing."""
    names = ("serverHandler.ServeHTTP", "net/http.serverHandler.Serve", "main.nothing", "")

    assert program.functions(names) == {}


@pytest.mark.parametrize("type_", ASKED)
def test_fields_that_probes_ask_for(program: GoProgram, truth: Told, type_: str) -> None:
    """Each field is where the debug information says."""
    expected = truth["structs"][type_]["fields"]

    assert {field: program.offset(type_, field) for field in ASKED[type_]} == {
        field: expected[field] for field in ASKED[type_]
    }


def test_all_structs_are_right(program: GoProgram, truth: Told) -> None:
    """Whatever struct is found has the debug information's offsets, and most are found."""
    structs = truth["structs"].items()
    named = {name: shape["fields"] for name, shape in structs if is_plain(name, shape)}

    found = {name: read(program, name, fields) for name, fields in named.items()}

    told = {name: fields for name, fields in found.items() if fields is not None}
    assert told == {name: named[name] for name in told}
    # Types that no interface ever holds have no descriptor.
    assert len(told) > 0.6 * len(named)


def is_plain(name: str, shape: Shape) -> bool:
    """Whether it is a struct type that a person declared, no string or slice that has a name."""
    fields = shape["fields"].keys()
    declared = re.fullmatch(r"[\w./-]+\.\w+", name) is not None and not name.startswith("go.")
    return declared and fields not in ({"str", "len"}, {"array", "len", "cap"})


def read(program: GoProgram, name: str, fields: Iterable[str]) -> Mapping[str, int | None] | None:
    """The same fields as the program's own descriptors tell them; None of a type without one."""
    if program.type_place(name) is None:
        return None
    return {field: program.offset(name, field) for field in fields}


def test_fields_within_fields(program: GoProgram, truth: Told) -> None:
    """Offsets add up along a path; behind a pointer a new one begins."""
    money, tag = (truth["structs"][f"example.com/prices.{name}"] for name in ("Money", "Tag"))
    first = truth["structs"]["main.basket"]["fields"]["first"]
    label = money["fields"]["Tag"] + tag["fields"]["label"]

    assert program.offset("example.com/prices.Money", "Tag.label") == label
    assert program.offset("main.basket", "first.Tag.label") == first + label
    assert program.offset("example.com/prices.Money", "limits.High") is None
    assert program.offsets("example.com/prices.Money", "limits.High") == (
        money["fields"]["limits"],
        8,
    )


def test_vendored_copies_go_by_the_plain_name(program: GoProgram, truth: Told) -> None:
    """The standard library has copies of modules, whose functions and types are found as theirs."""
    module = "golang.org/x/net/dns/dnsmessage"
    copy = f"vendor/{module}"

    function = program.function(f"{module}.(*Parser).Start")

    assert function is not None
    assert function.address == truth["functions"][f"{copy}.(*Parser).Start"][0]
    fields = truth["structs"][f"{copy}.Parser"]["fields"]
    assert read(program, f"{module}.Parser", fields) == fields != {}


def test_types_are_described_behind_the_first(program: GoProgram) -> None:
    """Each in a place of its own."""
    places = [program.type_place(name) for name in ("error", "net/http.Request", "net/url.URL")]

    assert len({place for place in places if place is not None and place > 0}) == len(places)
    assert program.type_place("net/http.Nothing") is None


def test_what_is_not_there(program: GoProgram) -> None:
    """Types and fields that there are none of give None."""
    assert program.type_place("http.Request") is None
    assert program.offset("net/http.Request", "nothing") is None
    assert program.offset("net/http.Request", "Method.nothing") is None
    assert program.offset("net/http.Header", "anything") is None
    assert program.map_layout("net/http.Request") is None


def test_the_running_program_agrees(file: Path, program: GoProgram) -> None:
    """A function and a field are where the running program sees them."""
    if program.architecture != platform.machine().replace("x86_64", "amd64"):
        pytest.skip(f"it runs on {program.architecture}")

    said = subprocess.run([file], check=True, capture_output=True, text=True).stdout

    facts = {name: int(number) for name, number in re.findall(r"^(\w+) (\d+)$", said, re.MULTILINE)}
    function = program.function("main.leaf")
    assert function is not None
    assert facts["first"] == program.offset("main.basket", "first")
    # A position-independent program is not where the file says, by a number of pages.
    moved = facts["leaf"] - function.address
    assert moved % _PAGE == 0
    assert program.is_pie or moved == 0
