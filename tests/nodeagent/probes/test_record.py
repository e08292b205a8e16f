import struct

import pytest

from nodeagent.probes import PROBES
from nodeagent.probes.probe import Probe
from nodeagent.probes.record import FACTS, SIZE, TEXTS, Head, read

_HEAD = struct.Struct("=3Q 16s 8s 8s 2B6x I 6H")
_FACTS = bytes(range(FACTS))


def _record(*texts: bytes, remote: int = 0) -> bytes:
    texts += (b"",) * (TEXTS - len(texts))
    ids = (bytes(range(16)), bytes(range(8)), b"\0" * 7 + b"\7")
    head = _HEAD.pack(1, 5, 9, *ids, 1, remote, 42, *map(len, texts))
    return head + _FACTS + b"".join(texts)


def test_a_record_is_read() -> None:
    """Head, facts and texts come out as the kernel's side has written them."""
    found = read(_record(b"GET", b"", b"/items", remote=1))

    assert found.head == Head(
        start=5,
        end=9,
        trace_id=int.from_bytes(range(16)),
        span_id=int.from_bytes(range(8)),
        parent_id=7,
        remote=True,
        process=42,
    )
    assert found.facts == _FACTS
    assert found.texts == ("GET", "", "/items", "", "", "")


def test_texts_may_be_broken() -> None:
    """Bytes that are no UTF-8 do not stop the rest."""
    found = read(_record(b"/\xff\xc3", b"x", b"/\xe2\x82"))

    assert found.texts[:2] == ("/\ufffd\ufffd", "x")
    assert found.texts[2].startswith("/")


def test_a_record_that_is_too_short_is_refused() -> None:
    """Half a record is none."""
    with pytest.raises(struct.error):
        read(_record()[: SIZE // 2])


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.name)
def test_facts_have_room(probe: Probe) -> None:
    """A record has so many bytes for what a probe has of its own."""
    assert probe.facts.size <= FACTS
