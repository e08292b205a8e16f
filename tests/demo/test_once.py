import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.nodeagent.machine import required

pytestmark = pytest.mark.e2e

# A fresh machine fetches runtimes and agents first.
_SECONDS = 400


def _demo(folder: Path, *options: str) -> "subprocess.Popen[str]":
    """The command as a process; its temporary files lie in `folder`."""
    with (folder / "out").open("w") as out, (folder / "err").open("w") as err:
        return subprocess.Popen(
            [sys.executable, "-m", "console", "demo", *options],
            env={**os.environ, "TMPDIR": str(folder)},
            stdout=out,
            stderr=err,
            text=True,
        )


def _ended(process: "subprocess.Popen[str]") -> int:
    try:
        return process.wait(_SECONDS)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def _left_behind(folder: Path) -> list[str]:
    """Processes that have the run's folder in their environment, and what lies in it."""
    found = [path.name for path in folder.glob("spanhook-demo-*")]
    for environ in Path("/proc").glob("[0-9]*/environ"):
        try:
            if str(folder).encode() in environ.read_bytes():
                found.append((environ.parent / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return found


def _above(spans: dict[str, Any], span: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Service and kind of every ancestor, internal spans left out."""
    while span["parent"]:
        span = spans[span["parent"]]
        if span["kind"] != "internal":
            yield span["service"], span["kind"]


def _assert_go(
    document: dict[str, Any], spans: dict[str, dict[str, Any]], priced: set[str]
) -> None:
    """Where Go is traced: every call of prices to stock has its server span."""
    if not document["node_agent"]["tracing"]:
        assert not required(), document["node_agent"]["reason"]
        return
    looked = [span for span in spans.values() if span["service"] == "stock"]
    assert [(span["kind"], span["name"]) for span in looked] == [
        ("server", "GET /stock/{sku}"),
        ("server", "GET /stock/{sku}"),
    ]
    callers = [spans[span["parent"]] for span in looked]
    assert [(caller["service"], caller["kind"]) for caller in callers] == [("prices", "client")] * 2
    assert {caller["parent"] for caller in callers} == priced


def test_once_shows_one_trace_through_all_languages(tmp_path: Path) -> None:
    """The whole shop, decided by the real webhook and run with what it answered."""
    process = _demo(tmp_path, "--once", "--output", "json")

    assert _ended(process) == 0, (tmp_path / "err").read_text()
    page, document = (tmp_path / "err").read_text(), json.loads((tmp_path / "out").read_text())

    assert "One trace through Node.js, Python" in page
    assert "skip: KnownSidecar" in page
    assert document["ok"] is True
    spans = {span["id"]: span for span in document["trace"]}
    [root] = [span for span in spans.values() if not span["parent"]]
    assert (root["service"], root["kind"]) == ("storefront", "server")
    priced = [s for s in spans.values() if (s["service"], s["kind"]) == ("prices", "server")]
    assert len(priced) == 2
    for span in priced:
        assert list(_above(spans, span)) == [
            ("cart", "client"),
            ("cart", "server"),
            ("storefront", "client"),
            ("storefront", "server"),
        ]
    _assert_go(document, spans, {span["id"] for span in priced})
    assert _left_behind(tmp_path) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_shop_stays_open_until_it_is_told(tmp_path: Path, number: signal.Signals) -> None:
    """Afterwards no process and no file of it is left."""
    process = _demo(tmp_path)
    deadline = time.monotonic() + _SECONDS
    while "Ctrl-C closes the shop" not in (tmp_path / "out").read_text():
        assert process.poll() is None, (tmp_path / "out").read_text()
        assert time.monotonic() < deadline
        time.sleep(0.1)

    process.send_signal(number)

    assert _ended(process) == 0, (tmp_path / "err").read_text()
    assert "Closing the shop." in (tmp_path / "out").read_text()
    assert "was killed" not in (tmp_path / "out").read_text()
    assert _left_behind(tmp_path) == []


def test_what_is_missing_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing can be prepared the demo ends with 1 and a reason for each service."""
    (tmp_path / "cache").write_text("a file where a folder should be")
    monkeypatch.setenv("SPANHOOK_CACHE", str(tmp_path / "cache"))

    process = _demo(tmp_path, "--once")

    assert _ended(process) == 1
    page = (tmp_path / "out").read_text()
    for service in ("storefront", "cart", "prices"):
        assert f"{service} does not run: " in page
    assert _left_behind(tmp_path) == []
