import io
import re
import sys
import threading
from pathlib import Path

import pytest

from tests.cluster.binaries import UnavailableError, binary, build, toolchain
from tests.cluster.binaries.__main__ import main
from tests.cluster.binaries.programs import SIZES, VERSIONS, Program, default_version, programs
from tests.cluster.binaries.progress import Progress
from tests.waiting import until

ALL = {
    f"{program.name} {program.version}": program
    for version in VERSIONS
    for program in programs(version).values()
}

# Stands for Go: notes that it was asked, and writes what it was asked for. Where a file `held` is,
# it waits for its end; where a file `broken` is, it fails.
FAKE_GO = """#!/bin/sh
cd "$(dirname "$0")"
echo "$@" >> asked
while [ -e held ]; do sleep 0.01; done
if [ -e broken ]; then echo "cannot find module" >&2; exit 1; fi
while [ $# -gt 0 ]; do
    if [ "$1" = -o ]; then echo built > "$2"; fi
    shift
done
"""


@pytest.fixture
def go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a pretended Go, which is taken; and an empty cache."""
    folder = tmp_path / "go"
    folder.mkdir()
    (folder / "go").write_text(FAKE_GO)
    (folder / "go").chmod(0o755)
    monkeypatch.setattr(toolchain, "go", lambda _say: folder / "go")
    monkeypatch.setenv("SPANHOOK_CACHE", str(tmp_path / "cache"))
    for name in ("KUBEBUILDER_ASSETS", "SPANHOOK_KUBERNETES"):
        monkeypatch.delenv(name, raising=False)
    return folder


def asked(go: Path) -> list[str]:
    """What Go was asked to do."""
    file = go / "asked"
    return file.read_text().splitlines() if file.exists() else []


@pytest.mark.parametrize("program", ALL.values(), ids=ALL)
def test_programs_are_pinned(program: Program) -> None:
    """Each program is a tool of its folder's module or its main, at a version with a checksum."""
    tools = (program.folder / "go.mod").read_text()
    sums = (program.folder / "go.sum").read_text()

    if not (program.folder / "main.go").exists():
        assert re.search(rf"^(tool |\t){re.escape(program.package)}$", tools, re.MULTILINE)
    assert re.fullmatch(r"v\d+\.\d+\.\d+", program.version)
    assert f"{program.module} {program.version} h1:" in sums


@pytest.mark.parametrize("version", VERSIONS)
def test_every_size_has_its_programs(version: str) -> None:
    """Sizes name programs that there are, and the API server is of the version."""
    assert {name for names in SIZES.values() for name in names} <= set(programs(version))
    assert programs(version)["kube-apiserver"].version.startswith(f"v{version}.")


def test_kubernetes_knows_its_version() -> None:
    """The version is linked in: clients refuse an API server without one."""
    flags = programs("1.37")["kube-apiserver"].ldflags

    version = programs("1.37")["kube-apiserver"].version
    assert f"-X k8s.io/component-base/version.gitVersion={version}" in flags
    assert "-X k8s.io/component-base/version.gitMajor=1" in flags
    assert "-X k8s.io/component-base/version.gitMinor=37" in flags


def test_the_version_is_chosen_by_the_environment() -> None:
    """The newest by default, another by its name, an unknown one is an error with the choices."""
    assert default_version({}) == VERSIONS[0]
    assert default_version({"SPANHOOK_KUBERNETES": "1.30"}) == "1.30"
    with pytest.raises(ValueError, match=r"SPANHOOK_KUBERNETES=1\.2: choose from 1\.37, 1\.30"):
        default_version({"SPANHOOK_KUBERNETES": "1.2"})


def test_a_program_is_built_once(go: Path) -> None:
    """The second call finds what the first one made."""
    first = binary("etcd")
    second = binary("etcd")

    assert first == second
    assert first.read_text() == "built\n"
    (command,) = asked(go)
    assert command.startswith("build -trimpath -ldflags -s -w -o ")
    assert command.endswith("go.etcd.io/etcd/server/v3")


def test_two_runs_build_once(go: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who comes while another builds waits for it, says so, and takes what it made."""
    # Not capsys: what a thread writes while that is read and emptied is lost.
    said = io.StringIO()
    monkeypatch.setattr(sys, "stderr", said)
    (go / "held").touch()
    found: list[Path] = []
    threads = [threading.Thread(target=lambda: found.append(binary("etcd"))) for _ in range(2)]
    for thread in threads:
        thread.start()
    until(lambda: "waiting for another run" in said.getvalue(), "the second one to wait")
    (go / "held").unlink()
    for thread in threads:
        thread.join()

    assert len(set(found)) == 1
    assert len(asked(go)) == 1


def test_a_failed_build_leaves_nothing(go: Path) -> None:
    """The error has the end of what Go said; the next call tries again."""
    (go / "broken").touch()
    with pytest.raises(UnavailableError, match=r"etcd v3\S+ cannot be built here:\ncannot find"):
        binary("etcd")
    (go / "broken").unlink()

    assert binary("etcd").read_text() == "built\n"
    assert len(asked(go)) == 2
    assert sorted(path.name.partition("-")[0] for path in binary("etcd").parents[1].iterdir()) == [
        "build.lock",
        "etcd",
    ]


def test_what_decides_about_the_content_is_in_the_place(tmp_path: Path) -> None:
    """Other versions, sums or flags: another folder. The same: the same one."""
    etcd = programs("1.37")["etcd"]
    copy = Program(etcd.name, tmp_path, etcd.package, etcd.seconds)
    for name in ("go.mod", "go.sum"):
        (tmp_path / name).write_bytes((etcd.folder / name).read_bytes())
    same = build.place(copy)
    (tmp_path / "go.sum").write_text("other")

    assert same == build.place(etcd)
    assert build.place(copy) != same
    assert build.place(programs("1.30")["kube-scheduler"]) != build.place(
        programs("1.37")["kube-scheduler"]
    )
    assert build.place(programs("1.30")["kubectl"]) == build.place(programs("1.37")["kubectl"])


@pytest.fixture
def assets(tmp_path: Path) -> dict[str, str]:
    """An environment with KUBEBUILDER_ASSETS, which has an etcd."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "etcd").touch(0o755)
    return {"KUBEBUILDER_ASSETS": str(tmp_path / "assets")}


@pytest.mark.parametrize(
    ("name", "version", "more", "taken"),
    [
        pytest.param("etcd", None, {}, True, id="there"),
        pytest.param("kwok", None, {}, False, id="not there"),
        pytest.param("etcd", "1.30", {}, False, id="a certain version"),
        pytest.param("etcd", None, {"SPANHOOK_KUBERNETES": "1.30"}, False, id="of the environment"),
    ],
)
def test_assets_come_first(
    go: Path,
    assets: dict[str, str],
    name: str,
    version: str | None,
    more: dict[str, str],
    taken: bool,
) -> None:
    """What KUBEBUILDER_ASSETS has is taken, unless a certain version is asked for."""
    found = binary(name, version, environ=assets | more)

    assert (found.parent == Path(assets["KUBEBUILDER_ASSETS"])) == taken
    assert bool(asked(go)) != taken


def test_a_cache_that_cannot_be_written_is_named(
    go: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error has the folder and how to choose another."""
    assert go.is_dir()
    (tmp_path / "file").touch()
    monkeypatch.setenv("SPANHOOK_CACHE", str(tmp_path / "file"))

    with pytest.raises(UnavailableError, match=r"file/cluster: .*SPANHOOK_CACHE names another"):
        binary("etcd")


def test_other_systems_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Elsewhere than on Linux there is no cluster, and no attempt to build one."""
    monkeypatch.setattr(sys, "platform", "darwin")

    with pytest.raises(UnavailableError, match="Linux only, and this is darwin"):
        binary("etcd")


def test_all_can_be_built_ahead(go: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Names and sizes are built; what is there already is passed over without a word."""
    assert main(["api", "etcd"]) == 0
    told = capsys.readouterr().err
    assert main(["api"]) == 0
    silence = capsys.readouterr()

    assert [line.split()[-1].rpartition("/")[2] for line in asked(go)] == ["v3", "kube-apiserver"]
    assert re.search(r"building etcd v\S+: once, about 40 s on two idle cores\n", told)
    assert re.search(r"building etcd v\S+: done after \d+ s\n", told)
    assert (silence.out, silence.err) == ("", "")


@pytest.mark.parametrize(
    ("names", "code", "words"),
    [
        pytest.param(["etcd"], 1, "cannot find module", id="broken"),
        pytest.param(["edct"], 2, "unknown: edct; known: .*etcd.*controllers", id="unknown"),
    ],
)
def test_building_ahead_fails_aloud(
    go: Path, capsys: pytest.CaptureFixture[str], names: list[str], code: int, words: str
) -> None:
    """The exit code and one message tell what went wrong."""
    (go / "broken").touch()

    assert main(names) == code
    assert re.search(words, capsys.readouterr().err)


def test_progress_reminds_that_it_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """A long step is heard of again and again until it is done."""
    said = io.StringIO()
    monkeypatch.setattr(sys, "stderr", said)

    with Progress(every=0.001).step("building", 100):
        until(lambda: said.getvalue().count("so far") >= 2, "two reminders")

    text = said.getvalue()
    assert text.startswith("spanhook: building: once, about 1 min 40 s on two idle cores\n")
    assert re.search(r"spanhook: building: done after \d+ s\n$", text)
