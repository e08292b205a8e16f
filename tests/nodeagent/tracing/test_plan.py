from collections import Counter
from pathlib import Path

from nodeagent.binary.program import read
from nodeagent.probes.http_client import HTTP_CLIENT
from nodeagent.probes.plan import plan


def test_answers_are_seen_where_errors_are_tested(program: Path) -> None:
    """Not at the return that is passed with an answer, which costs ten times as much."""
    made = plan(read(program), [HTTP_CLIENT])

    counted = Counter(one.program for one in made.attachments)
    assert not made.off
    assert (counted["http_client_start"], counted["http_client_tested"]) == (1, 1)
    assert counted["http_client_end"] >= 10
    assert len({one.offset for one in made.attachments}) == len(made.attachments)
