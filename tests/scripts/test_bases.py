import json
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from registry.model import Description, Descriptor, Platform, PlatformImage
from scripts.bases import Row, dump, listed, load, main, merged, rows
from tests.registry import images
from tests.registry.debian import Running, serving
from tests.registry.pushing import push
from webhook.model import Json

MEGABYTE = 1 << 20
DEBIAN, PYTHON, CORRETTO, LINKS = "1" * 64, "2" * 64, "3" * 64, "4" * 64


def _image(
    layers: dict[str, int], history: list[dict[str, Json]], *environment: str
) -> PlatformImage:
    config = {"config": {"Env": list(environment)}, "history": history}
    descriptors = tuple(Descriptor(f"sha256:{name}", size) for name, size in layers.items())
    return PlatformImage(
        Platform("linux", "amd64"), "sha256:x", "sha256:y", config, {}, descriptors
    )


def _line(text: str, *, empty: bool = False) -> dict[str, Json]:
    return {"created_by": text} | ({"empty_layer": True} if empty else {})


def _described(**found: PlatformImage) -> dict[str, Description]:
    names = {"debian": "debian:trixie-slim", "python": "python:3.12-slim", "java": "amazoncorretto"}
    return {
        f"{names.get(name, name)}": Description("sha256:z", (image,), {})
        for name, image in found.items()
    }


DEBIAN_LINE = _line("RUN # debian.sh --arch 'amd64' out/ 'trixie' '@1785715200'")
DEBIAN_IMAGE = _image({DEBIAN: 30 * MEGABYTE}, [DEBIAN_LINE])


def test_a_distribution() -> None:
    """Its one layer tells the C library."""
    assert rows(_described(debian=DEBIAN_IMAGE)) == [
        Row("debian:trixie-slim", None, None, "glibc", DEBIAN)
    ]


def test_a_runtime() -> None:
    """Its own layer is the largest behind the line with the version, however large others are."""
    history = [
        DEBIAN_LINE,
        _line("ENV PYTHON_VERSION=3.12.13", empty=True),
        _line("RUN make install"),
        _line("RUN ln -s python3 python"),
        _line('CMD ["python3"]', empty=True),
    ]
    layers = {DEBIAN: 30 * MEGABYTE, PYTHON: 12 * MEGABYTE, LINKS: 249}
    python = _image(layers, history, "PYTHON_VERSION=3.12.13")

    assert rows(_described(python=python)) == [
        Row("python:3.12-slim", "python", "3.12.13", "glibc", PYTHON)
    ]


def test_a_version_that_stands_in_the_history_alone() -> None:
    """Corretto's environment has the feature release; the build's argument has the rest."""
    history = [
        _line("COPY /rootfs/ / # buildkit"),
        _line("ARG version=1.8.0_502.b07-1", empty=True),
        _line("RUN dnf install -y java"),
    ]
    layers = {DEBIAN: 50 * MEGABYTE, CORRETTO: 120 * MEGABYTE}
    java = _image(layers, history, "JAVA_HOME=/usr/lib/jvm/java-1.8.0-amazon-corretto")

    (row,) = rows(_described(java=java))

    assert (row.language, row.version, row.digits) == ("java", "8.0.502", CORRETTO)


def test_a_runtime_without_a_dockerfile() -> None:
    """What other bases have is theirs; of the rest the largest layer is its own."""
    lines = [_line("bazel build"), _line("bazel build")]
    shared = {DEBIAN: 30 * MEGABYTE}
    node = _image(shared | {PYTHON: 20 * MEGABYTE}, lines, "NODE_VERSION=24.1.0")
    java = _image(shared | {CORRETTO: 20 * MEGABYTE}, lines, "JAVA_VERSION=21.0.1")

    found = rows({name: Description("", (one,), {}) for name, one in (("n", node), ("j", java))})

    assert [(row.language, row.digits) for row in found] == [("nodejs", PYTHON), ("java", CORRETTO)]


@pytest.mark.parametrize(
    "image",
    [
        _image({LINKS: 300}, [_line("ENV PYTHON_VERSION=3", empty=True)], "PYTHON_VERSION=3.12.1"),
        _image({DEBIAN: MEGABYTE, PYTHON: MEGABYTE}, [DEBIAN_LINE, _line("RUN apt-get install x")]),
        _image({DEBIAN: MEGABYTE}, []),
    ],
    ids=["too small", "two layers of a distribution", "nothing known"],
)
def test_what_nobody_can_tell(image: PlatformImage) -> None:
    """A layer that is not certain to be the base's own is left out."""
    assert rows({"app": Description("", (image,), {})}) == []


def test_two_generations() -> None:
    """Layers of before stay; a layer that comes again keeps its name and the longer version."""
    before = [
        Row("node:24", "nodejs", "24", "glibc", "a"),
        Row("node:22", "nodejs", "22.1", None, "b"),
    ]
    now = [Row("node:lts", "nodejs", "24.1.0", "glibc", "a")]

    assert merged(before, now) == [before[1], Row("node:24", "nodejs", "24.1.0", "glibc", "a")]


@pytest.mark.parametrize(
    "other",
    [("python", "3.12", "musl"), ("java", "3.12", "glibc"), ("python", "3.1", "glibc")],
    ids=["another C library", "another language", "another version"],
)
def test_a_layer_that_proves_two_things(other: tuple[str, str, str]) -> None:
    """It proves nothing, so the table is not written."""
    language, version, libc = other
    both = [
        Row("python", "python", "3.12", "glibc", "a"),
        Row("x", language, version, libc, "a"),  # type: ignore[arg-type]
    ]

    with pytest.raises(ValueError, match="sha256:a is python's and x's"):
        merged([], both)


def test_a_table_has_bounds() -> None:
    """A table that would make the first look slow is refused."""
    table = [Row("x", None, None, "glibc", f"{number:064}") for number in range(2000)]

    with pytest.raises(ValueError, match="list fewer references"):
        dump(table)


def test_a_table_survives() -> None:
    """What is written is read again."""
    table = [Row("x", None, None, "glibc", "a"), Row("y", "go", "1.26", None, "b")]

    assert load(dump(table)) == table
    assert listed("# bases\n\nx  # why\ny\n") == ["x", "y"]


@pytest.fixture(name="running", scope="module")
def _running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A registry with a base image: Python on a distribution."""
    history = [
        DEBIAN_LINE,
        _line("ENV PYTHON_VERSION=3.12.13", empty=True),
        _line("RUN make install"),
    ]
    noise = Random(3)
    one = images.image(
        images.layer({"etc/os-release": b"trixie"}),
        images.layer({"usr/local/bin/python3.12": noise.randbytes(2 * MEGABYTE)}),
        configuration={
            "architecture": "amd64",
            "os": "linux",
            "config": {"Env": ["PYTHON_VERSION=3.12.13"]},
            "history": history,
        },
    )
    with serving(tmp_path_factory.mktemp("registry")) as running:
        push(running.url, "base/python", one, "3.12")
        yield running


def test_against_a_registry(
    running: Running, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is missing is said by --check, written without it, and not missing then."""
    table = tmp_path / "bases.json"
    name = f"{running.host}/base/python:3.12"
    arguments = ["--table", str(table), "--plain-http", running.host, name]

    assert main(["--check", *arguments]) == 1
    assert not table.exists()
    assert main(arguments) == 0
    assert main(["--check", *arguments]) == 0
    (row,) = json.loads(table.read_text())
    assert row[:4] == [name, "python", "3.12.13", "glibc"]
    assert capsys.readouterr().out == (
        "bases.json lacks layers\nbases.json has 1 layers\nbases.json is up to date\n"
    )


def test_a_reference_that_cannot_be_read(
    running: Running, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is named, and the table keeps what it had."""
    table = tmp_path / "bases.json"
    kept = dump([Row("x", None, None, "glibc", "a" * 64)])
    table.write_text(kept)
    names = [f"{running.host}/nobody:1", "NOT A NAME"]

    assert main(["--table", str(table), "--plain-http", running.host, *names]) == 1
    assert table.read_text() == kept
    faults = capsys.readouterr().err
    assert names[0] in faults
    assert names[1] in faults
