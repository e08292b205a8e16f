import asyncio
from typing import Any, cast

from webhook.server.cork import Cork


class Wire(asyncio.Transport):
    """A transport that notes what is asked of it."""

    def __init__(self) -> None:
        super().__init__()
        self.done: list[object] = []

    def write(self, data: Any) -> None:
        """Note the bytes."""
        self.done.append(bytes(data))

    def close(self) -> None:
        """Note that it closes."""
        self.done.append("close")

    def abort(self) -> None:
        """Note that it aborts."""
        self.done.append("abort")


def after_a_round(*steps: Any) -> list[object]:
    """What reaches the wire when `steps` are taken on a cork and the loop went round."""
    wire = Wire()

    async def run() -> None:
        cork = Cork(wire, asyncio.get_running_loop())
        for step in steps:
            step(cork)
        await asyncio.sleep(0)

    asyncio.run(run())
    return wire.done


def write(data: bytes) -> Any:
    """The step of writing."""
    return lambda cork: cast(Cork, cork).write(data)


def test_what_is_written_together_leaves_together() -> None:
    """Head and body are one write."""
    assert after_a_round(write(b"head"), write(b"body")) == [b"headbody"]


def test_flushing_writes_at_once() -> None:
    """What is flushed does not wait for the loop, which would have come too late here."""
    steps = (write(b"head"), write(b"body"), Cork.flush, Cork.abort)

    assert after_a_round(*steps) == [b"headbody", "abort"]


def test_closing_writes_first() -> None:
    """An answer that closes the connection is not lost, and nothing is written after it."""
    assert after_a_round(write(b"head"), write(b"body"), Cork.close) == [b"headbody", "close"]


def test_aborting_writes_nothing() -> None:
    """A connection that is cut gets nothing more."""
    assert after_a_round(write(b"head"), Cork.abort) == ["abort"]


def test_nothing_written_nothing_done() -> None:
    """A cork by itself is silent."""
    assert after_a_round() == []
