import os
import shutil
import subprocess
from pathlib import Path

import pytest

from nodeagent.kernel.leases import hold
from tests.nodeagent.tracing.overlays import overlays


@pytest.fixture(name="file")
def fixture_file(tmp_path: Path) -> Path:
    """A copy: nobody else has it open."""
    path = tmp_path / "true"
    shutil.copy("/bin/true", path)
    return path


def _may_be_written(path: Path) -> bool:
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK))
    except BlockingIOError:
        return False
    return True


def test_who_writes_waits_for_the_release(file: Path) -> None:
    """Reading and executing go on meanwhile."""
    with file.open("rb") as opened:
        lease = hold(opened)
    assert lease.held
    assert file.read_bytes()
    assert subprocess.run([file], check=False).returncode == 0
    assert not _may_be_written(file)

    lease.release()

    assert _may_be_written(file)


def test_a_file_that_runs_is_leased(tmp_path: Path) -> None:
    """As long as it runs it cannot be written to, with or without a lease."""
    path = tmp_path / "sleep"
    shutil.copy("/bin/sleep", path)
    with subprocess.Popen([path, "600"]) as child:
        with Path(f"/proc/{child.pid}/exe").open("rb") as opened:
            lease = hold(opened)
        with pytest.raises(OSError, match="Text file busy"):
            _may_be_written(path)
        child.kill()

    assert lease.held
    assert not _may_be_written(path)
    lease.release()


def test_there_is_no_lease_of_what_is_written_to(file: Path) -> None:
    """Nobody waits for what is not held."""
    with file.open("rb") as opened, file.open("ab"):
        lease = hold(opened)

    assert not lease.held
    lease.release()
    assert _may_be_written(file)


def test_a_writer_in_a_container_does_not_wait_for_another_container(tmp_path: Path) -> None:
    """Files on overlays have no lease."""
    with overlays(Path("/bin/true"), tmp_path, 1) as (path,), path.open("rb") as opened:
        lease = hold(opened)

        assert not lease.held
        assert _may_be_written(path)
