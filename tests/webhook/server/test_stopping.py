import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.waiting import until
from tests.webhook.server.serving import (
    PATIENCE,
    Client,
    first_line,
    post,
    review,
    serving,
    trusting,
)
from webhook.server.limits import Limits

REVIEW = json.dumps(review()).encode()
IN_FLIGHT = b"admission_in_flight 1.0"
PROGRAM = """
import sys
from pathlib import Path
from webhook.server.endpoint import Endpoint
from webhook.server.limits import Limits
from webhook.server.standalone import Options, run
limits = Limits(body_seconds=300, stop_seconds=300)
options = Options(Endpoint(port=0, limits=limits), cert_dir=Path(sys.argv[1]))
run(options, announce=lambda line: print(line, flush=True))
"""


@contextmanager
def process(directory: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """The server as a process of its own, and its port. It never gives up a review by itself."""
    command = [sys.executable, "-c", PROGRAM, str(directory)]
    said = directory / "said"
    with (
        said.open("w") as output,
        subprocess.Popen(command, stdout=output, text=True) as one,
    ):
        try:
            yield one, int(first_line(one, said).split("127.0.0.1:")[1].split("/")[0])
        finally:
            one.kill()


def client(directory: Path, port: int) -> Client:
    """A connection to the process."""
    return Client(port, trusting(directory))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "SIGINT"])
def test_signal_while_a_review_is_in_flight(tmp_path: Path, number: signal.Signals) -> None:
    """The answer arrives and says that the connection closes; the process ends with 0."""
    with process(tmp_path) as (one, port), client(tmp_path, port) as connection:
        connection.send(post(REVIEW)[:-5])
        with client(tmp_path, port) as other:
            until(lambda: IN_FLIGHT in other.get("/metrics").body, "the review is under way")
        one.send_signal(number)
        until(lambda: not _accepts(tmp_path, port), "it listens no more")
        connection.send(REVIEW[-5:])
        reply = connection.reply()

        assert (reply.status, reply.closes) == (200, True)
        assert reply.json["response"]["allowed"]
        assert connection.closed()
        assert one.wait(PATIENCE) == 0


def _accepts(directory: Path, port: int) -> bool:
    try:
        with client(directory, port):
            return True
    except OSError:
        return False


def test_second_signal_does_not_wait(tmp_path: Path) -> None:
    """A review that never ends does not keep the process from ending at a second signal."""
    with process(tmp_path) as (one, port), client(tmp_path, port) as connection:
        connection.send(post(REVIEW)[:-5])
        one.send_signal(signal.SIGTERM)
        until(lambda: not _accepts(tmp_path, port), "it listens no more")
        one.send_signal(signal.SIGTERM)

        assert one.wait(PATIENCE) == 0


def test_review_that_arrives_while_stopping(tmp_path: Path) -> None:
    """A call that was on its way on an idle connection is still answered, with close."""
    with (
        serving(tmp_path, Limits(linger_seconds=PATIENCE)) as server,
        server.client() as connection,
    ):
        connection.get("/healthz")
        server.listener.should_exit = True
        until(lambda: server.listener.stopping, "it stops")
        reply = connection.post(review())

        assert (reply.status, reply.closes) == (200, True)
        assert connection.closed()


def test_idle_connections_do_not_delay_the_stop(tmp_path: Path) -> None:
    """An idle connection is closed when nothing came for a moment."""
    limits = Limits(linger_seconds=0.1, stop_seconds=60)
    with serving(tmp_path, limits) as server, server.client() as connection:
        connection.get("/healthz")
        server.listener.should_exit = True

        assert connection.closed()


def test_slow_clients_do_not_delay_the_stop(tmp_path: Path) -> None:
    """While stopping, slow clients are still cut off."""
    limits = Limits(linger_seconds=0, stop_seconds=60, body_seconds=0.3)
    with serving(tmp_path, limits) as server, server.client() as connection:
        connection.send(post(REVIEW)[:-5])
        until(lambda: len(server.listener.server_state.tasks) == 1, "the review is under way")
        server.listener.should_exit = True

        assert connection.reply().status == 408
        assert connection.closed()


def test_the_wait_is_bounded(tmp_path: Path) -> None:
    """A review that does not end is given up after the set time."""
    limits = Limits(linger_seconds=0, stop_seconds=1, body_seconds=60)
    with serving(tmp_path, limits) as server, server.client() as connection:
        connection.send(post(REVIEW)[:-5])
        until(lambda: len(server.listener.server_state.tasks) == 1, "the review is under way")
        server.listener.should_exit = True

        assert connection.closed()


def test_not_ready_while_stopping(tmp_path: Path) -> None:
    """Readiness says that the server stops."""
    with (
        serving(tmp_path, Limits(linger_seconds=PATIENCE)) as server,
        server.client() as connection,
    ):
        connection.get("/healthz")
        server.listener.should_exit = True
        until(lambda: server.listener.stopping, "it stops")
        reply = connection.get("/readyz")

    assert reply.status == 503
    assert reply.json == {
        "status": "not ready",
        "checks": {"certificate": "ok", "serving": "stopping"},
    }


def test_port_in_use(tmp_path: Path) -> None:
    """An address that is taken is an OSError, not the end of the process."""
    with serving(tmp_path) as server:
        command = [sys.executable, "-c", PROGRAM.replace("port=0", f"port={server.port}")]
        done = subprocess.run(
            [*command, str(tmp_path / "other")], capture_output=True, text=True, check=False
        )

    assert done.returncode == 1
    assert "OSError" in done.stderr
    assert "address already in use" in done.stderr
