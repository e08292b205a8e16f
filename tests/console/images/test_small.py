"""The small parts: credentials, hosts, sizes, progress, words of faults."""

from io import StringIO
from pathlib import Path

import pytest

from console.images.credentials import read
from console.images.progress import Progress
from console.images.registries import Registries
from console.images.seen import Fault, Seen
from console.images.sizes import count, seconds, size
from console.manifests.errors import InputError
from registry.spent import Spent
from tests.console.images.shelf import docker_config
from tests.console.status.test_progress import Clock, Terminal
from webhook.model import Absence
from webhook.reasons import Reason
from webhook.settings import ImageInspectionSettings

NOTHING = ImageInspectionSettings()


def test_no_configuration(tmp_path: Path) -> None:
    """Without a file there are no credentials, and no helper."""
    found = read({}, tmp_path)

    assert found.path == tmp_path / ".docker" / "config.json"
    assert found.keyring.entries == ()
    assert found.helper("docker.io") is None


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    """The file and why."""
    (tmp_path / "config.json").mkdir()

    with pytest.raises(InputError, match=r"config\.json: Is a directory"):
        read({"DOCKER_CONFIG": str(tmp_path)}, tmp_path)


def test_helpers(tmp_path: Path) -> None:
    """A host's own helper, the one for all, and none where the file has the credentials."""
    folder = docker_config(
        tmp_path,
        {
            "auths": {"a.corp": {"auth": "YTpi"}, "b.corp": {}},
            "credHelpers": {"c.corp": "ecr-login", "https://index.docker.io/v1/": "hub"},
            "credsStore": "desktop",
        },
    )
    found = read({"DOCKER_CONFIG": str(folder)}, Path("/nowhere"))

    assert found.keyring.candidates("b.corp/x") == ()
    assert {host: found.helper(host) for host in ("a.corp", "b.corp", "c.corp", "docker.io")} == {
        "a.corp": None,
        "b.corp": "docker-credential-desktop",
        "c.corp": "docker-credential-ecr-login",
        "docker.io": "docker-credential-hub",
    }


def test_odd_helpers(tmp_path: Path) -> None:
    """What is no table of helpers is none."""
    folder = docker_config(tmp_path, {"credHelpers": ["x"], "credsStore": 5})

    assert read({"DOCKER_CONFIG": str(folder)}, tmp_path).helper("a.corp") is None


@pytest.mark.parametrize(
    ("image", "host"),
    [
        ("localhost:5000/x", "localhost:5000"),
        ("localhost/x", "localhost"),
        ("127.0.0.1:5000/x", "127.0.0.1:5000"),
        ("[::1]:5000/x", "[::1]:5000"),
        ("registry.localhost/x", "registry.localhost"),
    ],
)
def test_this_machine_may_be_asked(image: str, host: str) -> None:
    """Who types the machine's own name means it."""
    assert Registries().settings(NOTHING, (image,)).local == (host,)


@pytest.mark.parametrize("image", ["python", "169.254.169.254/x", "10.0.0.1:5000/x", "corp:5000/x"])
def test_others_are_not_named_by_being_typed(image: str) -> None:
    """A name that leads to this machine all the same has to be in the settings."""
    assert Registries().settings(NOTHING, (image,)).local == ()


def test_options_add_to_the_settings() -> None:
    """Hosts of options stand beside those of the settings; platforms replace them."""
    given = ImageInspectionSettings(
        plain_http=("a",), unverified=("b",), platforms=("linux/amd64",)
    )
    found = Registries(("c",), ("d",), platforms=("linux/arm64",)).settings(given, ())

    assert found.plain_http == ("a", "c")
    assert found.unverified == ("b", "d")
    assert found.platforms == ("linux/arm64",)
    assert Registries().settings(given, ()).platforms == ("linux/amd64",)


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0 B"), (999, "999 B"), (1536, "1.5 KiB"), (200 << 10, "200 KiB"), (5 << 30, "5.0 GiB"),
     (5 << 40, "5120 GiB")],
)  # fmt: skip
def test_sizes(number: int, text: str) -> None:
    """Bytes with as many digits as matter."""
    assert size(number) == text


def test_durations_and_counts() -> None:
    """Milliseconds below a second; one thing, two things."""
    assert (seconds(0.0841), seconds(2.345)) == ("84 ms", "2.3 s")
    assert (count(1, "image"), count(1200, "image")) == ("1 image", "1,200 images")


def test_progress() -> None:
    """A long wait says how many images there are answers for."""
    stream, clock = Terminal(), Clock()
    progress = Progress(stream, clock, total=3)
    seen = Seen("a", spent=Spent(3, 2048))

    progress.read(seen)
    assert stream.getvalue() == ""
    clock.now = 1.0
    progress.read(seen)
    progress.done()

    assert stream.getvalue() == "\r\x1b[Kasked for 2 of 3 images, 4.0 KiB\r\x1b[K"


def test_progress_in_a_log() -> None:
    """Where nothing can be written over, a line is a line."""
    stream, clock = StringIO(), Clock()
    progress = Progress(stream, clock, total=1)

    clock.now = 2.0
    progress.read(Seen("a"))
    progress.done()

    assert stream.getvalue() == "spanhook: asked for 1 of 1 images, 0 B\n"


@pytest.mark.parametrize(
    ("message", "line"),
    [
        ("a.corp/x is not there", "spanhook: a.corp/x is not there"),
        ("mirror.corp hangs", "spanhook: a.corp/x:1: mirror.corp hangs"),
    ],
)
def test_a_fault_names_its_image(message: str, line: str) -> None:
    """The image stands in the line once."""
    fault = Fault("word", Absence(Reason.IMAGE_UNREACHABLE, message))

    assert fault.of("a.corp/x:1") == line
