"""The programs that the reader is tested on: one source, many tool chains and ways to link."""

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from demo.cache import contents
from demo.commands import CommandError, run
from tests.nodeagent.binary.toolchains import NEWEST, VERSIONS, UnavailableError, cache, go

_PROGRAMS = Path(__file__).with_name("programs")
_ENVIRONMENT = {"GOFLAGS": "", "GOTOOLCHAIN": "local", "GOWORK": "off", "GOPROXY": "off"}


@dataclass(frozen=True, slots=True)
class Variant:
    """A way to build: variables and options of `go build`. All but `stripped` have DWARF."""

    name: str
    options: tuple[str, ...] = ()
    architecture: str = "amd64"
    cgo: bool = False


_RELR = "-extldflags=-Wl,-z,pack-relative-relocs"
VARIANTS = {
    variant.name: variant
    for variant in (
        Variant("plain"),
        Variant("stripped", ("-ldflags=-s -w",)),
        Variant("pie", ("-buildmode=pie",)),
        # gcc links it: pointers are in relocations alone, and until Go 1.25 no section is named so
        Variant("foreign", ("-buildmode=pie", "-ldflags=-linkmode=external"), cgo=True),
        # the same with relocations as a bitmap, whose values stand in place
        Variant("relr", ("-buildmode=pie", f"-ldflags=-linkmode=external {_RELR}"), cgo=True),
        Variant("arm64", architecture="arm64"),
    )
}


@dataclass(frozen=True, slots=True)
class Case:
    """A version and a variant; `everyday` ones are built in every run of the tests."""

    version: str
    variant: str

    def __str__(self) -> str:
        return f"{self.version}-{self.variant}"

    @property
    def everyday(self) -> bool:
        """Whether it is worth the half minute that building takes, where nothing requires it."""
        return (self.version, self.variant) in _EVERYDAY


_EVERYDAY = {
    *((NEWEST, variant) for variant in ("plain", "stripped", "pie", "arm64")),
    ("1.24.11", "foreign"),
    ("1.19", "plain"),
}
CASES = tuple(Case(version, variant) for version in VERSIONS for variant in VARIANTS)


def built(case: Case, say: Callable[[str], None]) -> Path:
    """The program, built on the first call. Raises UnavailableError."""
    variant = VARIANTS[case.variant]
    source = _PROGRAMS / "shop"

    def make(into: Path) -> None:
        say(f"building Go {case}: once, about {_SECONDS} s on two idle cores")
        _build(go(case.version, say), source, into / "shop", variant)

    parts = (case.version, variant.name, *variant.options, *contents(source))
    try:
        return cache().folder(f"shop-{case}", parts, make) / "shop"
    except CommandError as error:
        raise UnavailableError(f"no program of Go {case}: {error}") from error


_SECONDS = 20


class Shape(TypedDict):
    """A struct: bytes of its values, bytes in front of each field."""

    size: int
    fields: Mapping[str, int]


class Told(TypedDict):
    """What the oracle prints: see programs/oracle."""

    version: str
    modules: Mapping[str, str]
    structs: Mapping[str, Shape]
    functions: Mapping[str, list[int]]


def told(program: Path, say: Callable[[str], None]) -> Told:
    """What Go's own readers of symbols and DWARF tell of a program. Raises UnavailableError."""
    source = _PROGRAMS / "oracle"

    def make(into: Path) -> None:
        _build(go(NEWEST, say), source, into / "oracle", VARIANTS["stripped"])

    try:
        oracle = cache().folder("oracle", (NEWEST, *contents(source)), make) / "oracle"
        answer: Told = json.loads(run([oracle, program]))
    except CommandError as error:
        raise UnavailableError(f"nothing to compare with: {error}") from error
    return answer


def disassembled(program: Path, functions: str, say: Callable[[str], None]) -> str:
    """Go's own listing of functions, chosen by a regular expression. Raises UnavailableError."""
    go_ = go(NEWEST, say)
    try:
        return run([go_, "tool", "objdump", "-s", functions, program], env=_settings(go_))
    except CommandError as error:
        raise UnavailableError(f"no disassembler: {error}") from error


def fetch(go_: Path, source: Path) -> None:
    """Download the modules that a program is built of. Raises CommandError."""
    settings = {name: value for name, value in _settings(go_).items() if name != "GOPROXY"}
    run([go_, "mod", "download"], cwd=source, env=settings, seconds=600)


def _build(go_: Path, source: Path, target: Path, variant: Variant) -> None:
    machine = {"CGO_ENABLED": str(int(variant.cgo)), "GOARCH": variant.architecture}
    command: list[str | Path] = [go_, "build", "-trimpath", *variant.options]
    run([*command, "-o", target, "."], cwd=source, env=_settings(go_) | machine, seconds=900)


def _settings(go_: Path) -> dict[str, str]:
    return {
        **_ENVIRONMENT,
        "GOROOT": str(go_.parent.parent),
        # one for all: `go` keys what is in it by the tool chain
        "GOCACHE": os.environ.get("GOCACHE", str(cache().root / "build")),
    }
