from pathlib import Path

import pytest

from bench import bodies, load, servers


def test_both_servers_answer_the_load(tmp_path: Path) -> None:
    """The product and the floor serve the same reviews over TLS, and their figures are read."""
    for start in (servers.spanhook, servers.floor):
        with start(tmp_path / start.__name__) as served:
            body = bodies.api_server_review()
            sample = load.review(served.port, served.authority, body).run(4, 40)

            assert len(sample.latencies) == 40
            assert sample.rate > 0
            assert served.process.resident_bytes > 10_000_000
            assert served.process.cpu_seconds > 0


def test_wrong_answers_end_the_run(tmp_path: Path) -> None:
    """A server that does not allow the review is not measured."""
    with (
        servers.floor(tmp_path / "floor") as served,
        pytest.raises(RuntimeError, match="500"),
    ):
        load.review(served.port, served.authority, b"{}").run(1, 1)
