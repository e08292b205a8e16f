from collections import Counter
from pathlib import Path

from nodeagent.binary.program import read
from nodeagent.probes.http_client import HTTP_CLIENT
from nodeagent.probes.http_server import HTTP_SERVER
from nodeagent.probes.plan import plan


def test_answers_are_seen_where_errors_are_tested(program: Path) -> None:
    """Not at the return that is passed with an answer, which costs ten times as much."""
    made = plan(read(program), [HTTP_CLIENT])

    counted = Counter(one.program for one in made.attachments)
    assert not made.off
    assert (counted["http_client_start"], counted["http_client_tested"]) == (1, 1)
    assert counted["http_client_end"] >= 10
    assert len({one.offset for one in made.attachments}) == len(made.attachments)


def test_a_probe_that_the_kernel_refuses_is_off(program: Path) -> None:
    """With the kernel's reason; the other probes are as ever."""
    probes = [HTTP_SERVER, HTTP_CLIENT]

    made = plan(read(program), probes, {"http_client_end": "too large"})

    assert made.off == {HTTP_CLIENT.name: "this kernel refuses http_client_end: too large"}
    assert {one.program.rpartition("_")[0] for one in made.attachments} >= {"http_server"}
    assert not any(one.program.startswith("http_client") for one in made.attachments)
