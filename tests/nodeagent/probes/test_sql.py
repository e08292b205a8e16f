import struct

import pytest

from nodeagent.probes.record import Head, Record
from nodeagent.probes.sql import Call, DatabaseCall, read

_TEXTS = ("*pq.Driver", "SELECT 1", "*pq.Error")
_FACTS = struct.Struct("=IBB10x")
_HEAD = Head(start=5, end=9, trace_id=1, span_id=2, parent_id=3, remote=False, process=42)


def _record(length: int = 8, call: int = 0, failed: int = 1) -> Record:
    return Record(_HEAD, _FACTS.pack(length, call, failed), (*_TEXTS, "", "", ""))


def test_a_record_is_read() -> None:
    """All that the kernel's side has written comes out as it was."""
    assert read(_record()) == DatabaseCall(
        head=_HEAD,
        call=Call.STATEMENT,
        failed=True,
        is_cut=False,
        driver="*pq.Driver",
        query="SELECT 1",
        error="*pq.Error",
    )
    assert not read(_record(failed=0)).failed


@pytest.mark.parametrize("call", list(Call))
def test_what_was_asked_is_told(call: Call) -> None:
    """By the numbers that the C text gives."""
    assert read(_record(call=call)).call is call


@pytest.mark.parametrize(("length", "is_cut"), [(463, False), (464, True)])
def test_a_query_that_is_too_long_is_known(length: int, is_cut: bool) -> None:
    """By the length that it had."""
    assert read(_record(length=length)).is_cut is is_cut
