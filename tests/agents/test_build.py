"""Building agents: the cache, the checksum, the command line."""

import json
from pathlib import Path

import pytest

from agents import build, cache, maven, pip
from agents.command import BuildError, run


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SPANHOOK_CACHE", str(tmp_path / "cache"))


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"SPANHOOK_CACHE": "/a", "XDG_CACHE_HOME": "/b"}, "/a"),
        ({"XDG_CACHE_HOME": "/b"}, "/b/spanhook"),
    ],
)
def test_cache_directory(environ: dict[str, str], expected: str) -> None:
    """The product's own variable comes before the desktop's."""
    assert Path(expected) == cache.directory(environ)


def test_entry_is_made_once() -> None:
    """What is in the cache is not built again."""
    made: list[Path] = []

    def make(into: Path) -> None:
        made.append(into)
        (into / "file").write_text("content")

    places = {cache.entry("one", make), cache.entry("one", make)}

    assert 1 == len(made) == len(places)
    assert (places.pop() / "file").read_text() == "content"


def test_failed_build_leaves_nothing() -> None:
    """A build that breaks off is not taken for a built agent."""

    def fail(into: Path) -> None:
        (into / "half").touch()
        raise BuildError("no network")

    with pytest.raises(BuildError, match="no network"):
        cache.entry("one", fail)

    assert list((cache.directory() / "agents").iterdir()) == []


def test_of_two_builds_at_once_the_first_stays() -> None:
    """A build that finds another one's result at its end uses that."""

    def make(into: Path) -> None:
        (into / "by").write_text("second")
        cache.entry("one", lambda first: _write(first / "by", "first"))

    place = cache.entry("one", make)

    assert (place / "by").read_text() == "first"


def _write(file: Path, text: str) -> None:
    file.write_text(text)


def test_linked_tree_can_be_linked_again(tmp_path: Path) -> None:
    """Building into a directory that was built before brings it up to date."""
    source = tmp_path / "source"
    source.mkdir()
    for text in ("old", "new"):
        (source / "file").unlink(missing_ok=True)
        (source / "file").write_text(text)
        cache.link_tree(source, tmp_path / "into")

    assert (tmp_path / "into" / "file").read_text() == "new"


@pytest.mark.parametrize("language", build.BUILDERS)
def test_sources_are_the_agents_files(language: str) -> None:
    """The key covers pins, bootstraps and recipes, and no image description."""
    names = {path.name for path in build.sources(language)}

    assert "build.py" in names
    assert "Dockerfile" not in names
    assert len(names) > len(list(build.ROOT.glob("*.py")))


def test_every_user_can_read_an_agent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Init containers run as a user that owns nothing, whatever modes the tools leave behind."""

    def make(_source: Path, into: Path, _tools: build.Tools) -> None:
        (into / "closed").mkdir(0o700)
        (into / "closed" / "file").touch(0o600)
        (into / "dangling").symlink_to("nowhere")

    monkeypatch.setattr(build, "BUILDERS", {"java": make})

    made = build.cached("java")

    assert (made / "closed").stat().st_mode & 0o777 == 0o755
    assert (made / "closed" / "file").stat().st_mode & 0o777 == 0o644
    assert made.stat().st_mode & 0o555 == 0o555


def test_wrong_checksum_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A jar with another checksum than the pinned one does not stay."""
    jar = tmp_path / "fetched.jar"
    jar.write_bytes(b"something else")
    answers = {"install": lambda *_: None, "run": lambda argv: _write(Path(argv[-1]), str(jar))}
    monkeypatch.setattr(pip, "install", answers["install"])
    monkeypatch.setattr(maven, "run", answers["run"])
    pin = maven.read(build.ROOT / "java" / "pin.json")

    with pytest.raises(BuildError, match="SHA-256"):
        maven.fetch(Path("python"), pin, Path("requirements"), tmp_path / "agent.jar")

    assert not (tmp_path / "agent.jar").exists()


def test_failing_tool_is_quoted() -> None:
    """The error names the tool and shows what it wrote last."""
    with pytest.raises(BuildError, match=r"(?s)sh ended with 3.*broken"):
        run(("sh", "-c", "echo broken; exit 3"))


def test_missing_tool_is_named() -> None:
    """A tool that is not there is an error that names it."""
    with pytest.raises(BuildError, match="no-such-tool cannot be run"):
        run(("no-such-tool",))


@pytest.mark.parametrize("arguments", [[], ["cobol", "x"], ["java"], ["java", "a", "b"]])
def test_wrong_use_is_told(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Anything but a language and a directory is exit code 2 and a line of usage."""
    assert build.main(arguments) == 2
    assert "usage: " in capsys.readouterr().err


def test_lock_file_has_hashes_and_no_addresses() -> None:
    """Every package of the Node.js agent is pinned by its hash, none by where it lies."""
    lock = json.loads((build.ROOT / "nodejs" / "package-lock.json").read_text())
    packages = [one for name, one in lock["packages"].items() if name]

    assert packages
    assert all("integrity" in one and "resolved" not in one for one in packages)
