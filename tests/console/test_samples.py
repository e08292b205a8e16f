"""Manifests as people keep them, in many styles: only what is injected may change in their text."""

from difflib import ndiff
from pathlib import Path

import pytest

from console.manifests.documents import read
from tests.console.commandline import run

_SAMPLES = Path(__file__).parent / "samples"
_NAMES = sorted(path.name for path in _SAMPLES.iterdir())

# The lines that are not there any more after injecting, because a value in them was merged or an
# empty collection now holds something. Everything else of the diff is lines that were added.
_REPLACED = {
    "anchors.yaml": (
        "          value: &options --max-old-space-size=256",
        "      - <<: *first",
        "        args: [*options]",
        "        env: *env",
        "        env: *env",
    ),
    "flow.yaml": (
        "{apiVersion: v1, kind: Pod, metadata: {name: tiny, labels: {a: b}}, spec: {containers: [",
        '  {name: web, image: "node:22", command: [node, a.js]}',
        "]}}",
    ),
    "kustomize.yaml": (
        '          value: "-Xmx512m -XX:+UseG1GC"   # see the runbook',
        "      volumes: []",
    ),
    "list.json": (
        '                        "labels": {}',
        r'                                    {"name": "PYTHONPATH", "value": "\/srv\u00e9"}',
    ),
}
# What is written in another way after taking the injection out: aliases that had to be copied, and
# characters that JSON can write in two ways.
_OTHER_TEXT = {"anchors.yaml", "list.json"}


@pytest.mark.parametrize("name", _NAMES)
def test_the_diff_is_what_was_injected(name: str) -> None:
    """Lines are added; the only ones that change are those whose value is merged."""
    before = (_SAMPLES / name).read_text()

    ran = run("inject", "-f", str(_SAMPLES / name))

    difference = list(ndiff(before.splitlines(), ran.text.splitlines()))
    gone = [line[2:] for line in difference if line.startswith("- ")]
    assert ran.code == 0
    assert "spanhook.dev/status" in ran.text
    assert tuple(gone) == _REPLACED.get(name, ())


@pytest.mark.parametrize("ends", [pytest.param("\n", id="LF"), pytest.param("\r\n", id="CRLF")])
@pytest.mark.parametrize("name", _NAMES)
def test_taking_it_out_gives_the_manifest_back(name: str, ends: str) -> None:
    """Inject and uninject leave every byte as it was, or at least the same documents."""
    before = (_SAMPLES / name).read_text().replace("\n", ends)

    injected = run("inject", "-q", stdin=before)
    after = run("uninject", "-q", stdin=injected.stdout)

    assert "spanhook" not in after.text
    assert [one.data for one in read(name, after.text)] == [one.data for one in read(name, before)]
    if name not in _OTHER_TEXT:
        assert after.stdout == before.encode()


@pytest.mark.parametrize("name", _NAMES)
def test_twice_is_once(name: str) -> None:
    """Injecting what is injected changes no byte."""
    once = run("inject", "-q", "-f", str(_SAMPLES / name))

    assert run("inject", "-q", stdin=once.stdout).stdout == once.stdout


@pytest.mark.parametrize("name", _NAMES)
def test_without_an_injection_nothing_is_taken_out(name: str) -> None:
    """A manifest that was never injected comes out of uninject byte for byte."""
    ran = run("uninject", "-f", str(_SAMPLES / name))

    assert ran.stdout == (_SAMPLES / name).read_bytes()
    assert "nothing of Spanhook's here" in ran.stderr


def test_copies_of_an_alias_do_not_reach_other_containers() -> None:
    """Containers that are skipped keep what they shared with one that was injected."""
    before, _ = read("f", (_SAMPLES / "anchors.yaml").read_text())
    after, _ = read("f", run("inject", "-q", "-f", str(_SAMPLES / "anchors.yaml")).text)

    old, new = (one.data["spec"]["template"]["spec"]["containers"] for one in (before, after))
    assert old[2:] == new[2:]
    assert [len(one["env"]) > 2 for one in new] == [True, True, False, False]
