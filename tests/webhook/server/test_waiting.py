import asyncio
import json
from collections.abc import Collection

import pytest

from tests.webhook.server.serving import review
from webhook.images import configuration
from webhook.model import Facts, Image
from webhook.review import Review
from webhook.server.limits import Limits
from webhook.server.reviewer import Answer, Reviewer
from webhook.server.waiting import Fetch, Found, Waiting, asked, pending
from webhook.settings import Settings

NAME = "docker.io/shop/cart:1"
POD = {
    "metadata": {"generateName": "cart-"},
    "spec": {"containers": [{"name": "app", "image": "shop/cart:1"}]},
}
BODY = json.dumps(review(object=POD)).encode()
JAVA = configuration.read({"config": {"Cmd": ["java", "-jar", "/app.jar"]}})


def reviewer(images: dict[str, Image] | None = None, *, asks: bool = True) -> Reviewer:
    """A reviewer that knows these images."""
    return Reviewer(Settings(), Facts(images or {}), opted_in=True, asks=asks)


def answered(one: Reviewer, fetch: Fetch, body: bytes = BODY) -> Answer:
    """The answer that is sent in the end."""

    async def scene() -> Answer:
        return await Waiting(one, fetch, Limits())(one.answer(body), len(body), b"")

    return asyncio.run(scene())


def decisions(answer: Answer) -> str:
    """What was decided, in a word for each container."""
    return str(json.loads(answer.body)["response"]["auditAnnotations"]["decisions"])


def test_answers_name_what_they_miss() -> None:
    """Only where somebody can be asked for it, and only what is not known."""
    assert reviewer().answer(BODY).missing == (NAME,)
    assert reviewer({NAME: JAVA}).answer(BODY).missing == ()
    assert reviewer(asks=False).answer(BODY).missing == ()


def test_what_came_decides() -> None:
    """The answer is made anew with it; what was known before is known still."""

    async def fetch(_review: Review, missing: Collection[str], _until: float) -> Found:
        assert list(missing) == [NAME]
        return Found({NAME: JAVA})

    assert decisions(answered(reviewer(), fetch)) == "app=inject:java"


def test_why_it_did_not_come_is_said() -> None:
    """The pod is let in, with the reason."""

    async def fetch(_review: Review, missing: Collection[str], _until: float) -> Found:
        return Found(absent=pending(missing, "there was no time"))

    answer = answered(reviewer(), fetch)

    assert decisions(answer) == "app=skip:ImagePending"
    assert "there was no time" in json.loads(answer.body)["response"]["warnings"][0]


def test_a_bug_while_waiting() -> None:
    """The first answer is sent, and the failure is told to log and metrics."""
    failure = RuntimeError("nobody foresaw this")

    async def fetch(_review: Review, _missing: Collection[str], _until: float) -> Found:
        raise failure

    one = reviewer()
    answer = answered(one, fetch)

    assert answer.body == one.answer(BODY).body
    assert answer.failure is failure


def test_what_could_not_be_read_does_not_wait() -> None:
    """There is nothing to ask for."""

    async def fetch(_review: Review, _missing: Collection[str], _until: float) -> Found:
        raise AssertionError("nobody asks")

    assert answered(reviewer(), fetch, b"{").status == 400


@pytest.mark.parametrize(
    ("query", "seconds"),
    [
        (b"", 30),
        (b"timeout=10s", 10),
        (b"timeout=1m0s", 60),
        (b"timeout=1.5s", 1.5),
        (b"timeout=250ms", 0.25),
        (b"timeout=1h", 3600),
        (b"x=1&timeout=3s&y=2", 3),
        (b"mytimeout=3s", 30),
        (b"timeout=", 30),
        (b"timeout=-3s", 30),
        (b"timeout=3", 30),
        (b"timeout=99999999999999999999s", 30),
        (b"timeout=1.2.3s", 30),
        (b"timeout=" + b"9s" * 100_000, 900_000),
    ],
)
def test_the_timeout_in_the_query(query: bytes, seconds: float) -> None:
    """As Go writes durations; what is none counts as not said."""
    assert asked(query) == pytest.approx(seconds)
