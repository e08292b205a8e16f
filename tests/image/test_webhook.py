"""The webhook's image, built on a base of this machine's making, looked into and run."""

import http.client
import json
import os
import re
import ssl
import stat
from collections.abc import Iterator
from contextlib import closing
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

import pytest

from demo.reviews import review
from tests.image import building, running
from tests.image.building import ROOT, Images
from tests.waiting import until
from webhook.settings import VERSION

READY = re.compile(r"ready at https://127\.0\.0\.1:(\d+)/mutate")
DEVELOPMENT = "localhost/spanhook-webhook:development"
TOOLS = {"cc", "gcc", "g++", "clang", "make", "ld", "as", "pip", "pip3", "curl", "wget", "git"}


@pytest.fixture(scope="module")
def root(images: Images, config: dict[str, Any]) -> Iterator[Path]:
    """The image's files."""
    assert config
    with images.mounted(building.WEBHOOK) as place:
        yield place


@pytest.fixture(scope="module")
def packages(root: Path) -> Path:
    """Where the image's packages lie."""
    (place,) = root.glob("opt/spanhook/lib/python3*/site-packages")
    return place


def test_a_kubelet_can_tell_that_it_is_not_root(config: dict[str, Any]) -> None:
    """The user is a number; the entrypoint and the port are those of the Deployment."""
    assert config["User"] == "65532:65532"
    assert config["Entrypoint"] == ["spanhook"]
    assert list(config["ExposedPorts"]) == ["10250/tcp"]


def test_labels_say_what_it_is(config: dict[str, Any], root: Path) -> None:
    """Version, licence and base by OCI's keys; the bill of materials lies where the label says."""
    labels = config["Labels"]

    assert labels["org.opencontainers.image.version"] == VERSION
    assert labels["org.opencontainers.image.licenses"] == "Apache-2.0"
    assert labels["org.opencontainers.image.base.name"] == building.BASE
    assert (root / labels["dev.spanhook.sbom"].lstrip("/")).is_file()


def test_no_tool_is_left_that_an_intruder_would_like(root: Path) -> None:
    """No compiler, no package installer for Python, no downloader."""
    there = {
        path.name
        for folder in ("usr/bin", "usr/local/bin", "opt/spanhook/bin")
        for path in (root / folder).glob("*")
    }
    installers = [path for path in root.glob("**/python3*/**/pip") if path.is_dir()]

    assert there & TOOLS == set()
    assert installers == []


def test_its_user_can_write_nothing(root: Path) -> None:
    """Even where the root is not mounted read-only; temporary folders are what they are."""
    temporary = {"tmp", "var/tmp", "run/lock", "dev/shm", "var/lock"}
    writable = []
    for folder, _, files in os.walk(root):
        for path in (Path(folder), *(Path(folder, name) for name in files)):
            status = path.lstat()
            if stat.S_ISLNK(status.st_mode) or str(path.relative_to(root)) in temporary:
                continue
            if stat.S_ISCHR(status.st_mode):
                continue
            if status.st_uid == 65532 or status.st_mode & stat.S_IWOTH:
                writable.append(path)

    assert writable == []


def test_the_bill_names_what_is_there(root: Path, packages: Path, config: dict[str, Any]) -> None:
    """Every installed package at its version, each with a hash of the lock, and none besides."""
    bill = json.loads((root / config["Labels"]["dev.spanhook.sbom"].lstrip("/")).read_text())
    listed = {(one["name"], one["version"]) for one in bill["components"]}
    installed = {
        (re.sub(r"[-_.]+", "-", one.name).lower(), one.version)
        for one in distributions(path=[str(packages)])
    }
    lock = (ROOT / "requirements" / "runtime.txt").read_text()

    assert listed == installed
    assert all(f"sha256:{one['hashes'][0]['content']}" in lock for one in bill["components"])


def test_all_code_is_compiled_for_good(root: Path, packages: Path) -> None:
    """Bytecode that nobody checks against its source: it cannot be written again."""
    sources = [*(root / "app").rglob("*.py"), *(packages / "starlette").rglob("*.py")]
    for source in sources:
        (compiled,) = source.parent.glob(f"__pycache__/{source.stem}.cpython-*.pyc")
        flags = int.from_bytes(compiled.read_bytes()[4:8], "little")

        assert flags == 0b01, compiled  # hash-based, unchecked (PEP 552)
    assert len(sources) > 100


def test_it_serves(root: Path, config: dict[str, Any], tmp_path: Path) -> None:
    """Read-only and without a right it answers a review over TLS, and ends well when asked to."""
    arguments = ["serve", "--standalone", "--port=0", "--log-format=json"]
    with running.container(root, arguments, config, tmp_path / "bundle") as one:
        child = one.child
        line = until(lambda: child.ended or READY.search(child.log.read_text()), "ready")
        assert isinstance(line, re.Match), child.last_words()
        answer = _asked(int(line[1]))
        child.terminate()
        code = child.end(20)

    assert answer["response"]["allowed"] is True
    assert answer["response"]["patchType"] == "JSONPatch"
    assert code == 0, child.last_words()


def test_changed_sources_are_run(images: Images, tmp_path: Path) -> None:
    """In the image for development its user can change a source and have it started anew."""
    images.build(DEVELOPMENT, target="development", arguments={"PYTHON_IMAGE": images.base()})
    config, arguments = images.config(DEVELOPMENT), ["serve", "--standalone", "--port=0"]
    with (
        images.mounted(DEVELOPMENT) as root,
        running.container(root, arguments, config, tmp_path / "bundle", readonly=False) as one,
    ):
        log = one.child.log
        until(lambda: one.child.ended or READY.search(log.read_text()), "ready")
        one.execute(
            "sh", "-c", "echo 'print(\"changed\")' >> /app/webhook/settings.py; kill -HUP 1"
        )
        until(lambda: one.child.ended or len(READY.findall(log.read_text())) == 2, "ready again")
        said = log.read_text()

        assert not one.child.ended, one.child.last_words()
    assert "changed" in said


def _asked(port: int) -> dict[str, Any]:
    """The answer to a review of a Python pod."""
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"generateName": "app-"},
        "spec": {"containers": [{"name": "app", "image": "python:3.13"}]},
    }
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with closing(
        http.client.HTTPSConnection("127.0.0.1", port, timeout=10, context=context)
    ) as connection:
        body = json.dumps(review(pod, "shop"))
        connection.request("POST", "/mutate", body, {"Content-Type": "application/json"})
        answer: dict[str, Any] = json.loads(connection.getresponse().read())
    return answer
