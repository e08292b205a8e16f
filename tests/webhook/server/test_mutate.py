import asyncio
import io
import json
from collections.abc import MutableMapping
from typing import Any

from tests.webhook.server.serving import review
from webhook.model import Facts
from webhook.server.limits import Limits
from webhook.server.logs import Log
from webhook.server.mutate import Mutate
from webhook.server.reviewer import Reviewer
from webhook.server.telemetry import Telemetry
from webhook.settings import Settings


def test_the_answer_leaves_before_it_is_noted() -> None:
    """Counting and logging wait for the loop's round in which the answer goes out."""
    seen: list[str] = []

    class Lines(io.StringIO):
        def write(self, _text: str) -> int:
            seen.append("noted")
            return 0

    async def receive() -> dict[str, Any]:
        return {
            "type": "http.request",
            "body": json.dumps(review()).encode(),
            "more_body": False,
        }

    async def send(_message: MutableMapping[str, Any]) -> None:
        asyncio.get_running_loop().call_soon(seen.append, "round")

    reviewer = Reviewer(Settings(), Facts(), opted_in=True)
    mutate = Mutate(reviewer, Telemetry(), Log(Lines(), "json"), Limits())
    headers = [(b"content-type", b"application/json")]
    asyncio.run(mutate({"type": "http", "headers": headers}, receive, send))

    assert seen == ["round", "round", "noted"]
