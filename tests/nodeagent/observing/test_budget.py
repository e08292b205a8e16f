import os
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from nodeagent.observing.budget import Budget
from nodeagent.observing.proc import observe
from nodeagent.tracing.process import Process
from tests.nodeagent.observing.imitation import Imitation

_MIB = 1 << 20
_MARK = b"\0node_module_register\0"
_VERSION = b"\0https://nodejs.org/download/release/v22.4.1/node-v22.4.1.tar.gz\0"


def _sparse(path: Path, begin: bytes, *pieces: tuple[int, bytes]) -> None:
    """A file of a hundred MiB that has these at offsets, and nothing else."""
    with path.open("wb") as file:
        for at, piece in ((0, begin), *pieces):
            file.seek(at)
            file.write(piece)
        file.truncate(100 * _MIB)


@pytest.fixture(name="node")
def fixture_node(tmp_path: Path) -> Callable[[int], Process]:
    """A process of a Node.js of its own, as large as they are."""
    imitation = Imitation(tmp_path)

    def node(pid: int) -> Process:
        process = imitation.process(pid, f"/{pid}/bin/node", ["node"], content=b"")
        program = (imitation.proc / str(pid) / "exe").readlink()
        true = Path("/bin/true").read_bytes()
        _sparse(program, true, (2 * _MIB, _MARK), (51 * _MIB, _VERSION))
        return process

    return node


def test_what_a_node_needs_is_in_it(node: Callable[[int], Process]) -> None:
    """Its mark and its version, which stand where those of Node.js 26 do."""
    found = observe(node(7))

    assert (found.language, found.version, found.is_cut) == ("nodejs", "22.4.1", False)


def test_bytes_are_counted_for_all_files_together(node: Callable[[int], Process]) -> None:
    """Where they do not suffice that is said; another look begins where nothing is known."""
    budget = Budget(70 * _MIB)
    first, second = node(7), node(8)

    assert observe(first, budget).version == "22.4.1"
    cut = observe(second, budget)
    assert (cut.language, cut.version, cut.is_cut) == ("nodejs", "", True)
    assert observe(first, budget).version == "22.4.1"
    whole = observe(second, Budget(60 * _MIB))
    assert (whole.language, whole.version, whole.is_cut) == ("nodejs", "22.4.1", False)


def test_time_is_up(node: Callable[[int], Process]) -> None:
    """Between two reads: nothing is read any more, and nothing of it is remembered."""
    clock = count(0.0, 0.5)
    process = node(7)
    cut = observe(process, Budget(clock=lambda: next(clock)))

    assert (cut.language, cut.version, cut.is_cut) == ("nodejs", "", True)
    assert observe(process).version == "22.4.1"


def test_where_nothing_is_searched_nothing_is_cut() -> None:
    """What /proc tells costs nothing of it."""
    assert not observe(Process(os.getpid()), Budget(0, 0)).is_cut
