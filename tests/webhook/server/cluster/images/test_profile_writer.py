"""ImageProfiles written behind the answer: to an API server of the test's own."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from kube.errors import ApiError, KubeError, Unreachable
from tests.waiting import eventually
from tests.webhook.server.cluster.images.passing import play
from tests.webhook.server.cluster.images.stage import PYTHON, profile, renamed
from tests.webhook.server.cluster.recording import Recording
from webhook.images.profile import Command, Profile, read, write
from webhook.server.cluster.profile_writer import Writer

Json = dict[str, Any]
ONE = profile("one", PYTHON, ("shop/cart:1", 10))
WHERE = f"/apis/spanhook.dev/v1alpha1/imageprofiles/{ONE.digest.replace(':', '-')}"
GONE = ApiError(404, "NotFound", "no such profile")
FORBIDDEN = ApiError(403, "Forbidden", "may not")
CONFLICT = ApiError(409, "Conflict", "changed meanwhile")
BUSY = ApiError(429, "TooManyRequests", "not now")
INVALID = ApiError(422, "Invalid", "the schema says no")
AWAY = Unreachable("no route")


class Server:
    """An API server with profiles; `refusals` are raised in turn, by whichever request comes."""

    def __init__(self, *stored: Profile, refusals: Sequence[KubeError | None] = ()) -> None:
        self.objects: dict[str, Json] = {}
        self.refusals = list(refusals)
        self.version = 0
        self.applied: list[Json] = []
        for one in stored:
            self.put(one)

    def put(self, one: Profile | Json) -> None:
        """Have an object."""
        body = one if isinstance(one, dict) else write(one)
        self.version += 1
        metadata = body["metadata"] | {"resourceVersion": str(self.version)}
        where = f"/apis/spanhook.dev/v1alpha1/imageprofiles/{metadata['name']}"
        self.objects[where] = body | {"metadata": metadata}

    def refuse(self) -> None:
        """Raise the next refusal."""
        if self.refusals and (refusal := self.refusals.pop(0)) is not None:
            raise refusal

    async def get(self, path: str) -> Json:
        """An object."""
        self.refuse()
        if path not in self.objects:
            raise GONE
        return self.objects[path]

    async def apply(self, path: str, body: Json) -> Json:
        """Server-side apply."""
        self.refuse()
        version = body["metadata"].get("resourceVersion")
        there = self.objects.get(path)
        if version is not None and (
            there is None or there["metadata"]["resourceVersion"] != version
        ):
            raise CONFLICT
        self.applied.append(body)
        self.put(body)
        return body


class Stage:
    """A writer that runs."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.recording = Recording()
        self.writer = Writer(
            self.recording.log, self.recording.telemetry, asyncio.get_running_loop().time
        )

    async def written(self, *said: Profile, seconds: float = 50.0) -> dict[str, int]:
        """What became of what was said, by outcome, after so many seconds."""
        for one in said:
            self.writer.say(one)
        task = asyncio.create_task(self.writer.run(self.server))  # type: ignore[arg-type]  # two of its methods
        await eventually(lambda: not self.writer._waiting, "all are taken")
        await asyncio.sleep(seconds)
        task.cancel()
        outcomes = ("written", "unchanged", "conflict", "forbidden", "absent", "failed", "dropped")
        found = {
            word: int(
                self.recording.metric("spanhook_image_profile_writes_total", outcome=word) or 0
            )
            for word in outcomes
        }
        return {word: number for word, number in found.items() if number}


def play_out(
    server: Server, *said: Profile, seconds: float = 50.0
) -> tuple[dict[str, int], Recording]:
    """Say profiles to a writer; what became of them, and what it said itself."""

    async def scene() -> tuple[dict[str, int], Recording]:
        stage = Stage(server)
        return await stage.written(*said, seconds=seconds), stage.recording

    return play(scene())


def stored(server: Server) -> Profile:
    """What the API server has in the end."""
    return read(server.objects[WHERE])


def test_a_new_profile() -> None:
    """Is there."""
    server = Server()

    assert play_out(server, ONE)[0] == {"written": 1}
    assert stored(server) == ONE


def test_what_is_there_stays() -> None:
    """Other references, and what layers told; the write is bound to what was read."""
    looked = replace(renamed(ONE, ("a/a:1", 5)), commands=(Command("a" * 64, language="python"),))
    server = Server(looked)

    assert play_out(server, ONE)[0] == {"written": 1}
    assert stored(server).commands == looked.commands
    assert [one.name for one in stored(server).references] == [
        "docker.io/shop/cart:1",
        "docker.io/a/a:1",
    ]
    assert server.applied[0]["metadata"]["resourceVersion"] == "1"


def test_nothing_new() -> None:
    """Is not written."""
    server = Server(ONE)

    assert play_out(server, ONE)[0] == {"unchanged": 1}
    assert server.applied == []


def test_only_a_tag_of_what_is_gone() -> None:
    """Who deleted the profile wants it learnt anew, not half of it back."""
    server = Server()

    assert play_out(server, replace(ONE, platforms=()))[0] == {"unchanged": 1}
    assert server.objects == {}


def test_many_tags_of_one_image() -> None:
    """As many as there is room for are written, and nobody writes the same again."""
    tags = [(f"shop/cart:{number}", number) for number in range(60)]
    server = Server(renamed(ONE, *tags[:40]))

    assert play_out(server, renamed(ONE, *tags[40:]))[0] == {"written": 1}
    assert len(stored(server).references) == 60
    assert play_out(server, renamed(ONE, tags[0]))[0] == {"unchanged": 1}


def test_said_many_times() -> None:
    """Is written once, with all that was said."""
    server = Server()
    again = replace(renamed(ONE, ("shop/cart:2", 20)), platforms=())

    assert play_out(server, ONE, again)[0] == {"written": 1}
    assert [one.name for one in stored(server).references] == [
        "docker.io/shop/cart:2",
        "docker.io/shop/cart:1",
    ]


def test_what_nobody_can_read() -> None:
    """Gives way."""
    server = Server()
    server.put(write(ONE) | {"status": {"revision": "x"}})

    assert play_out(server, ONE)[0] == {"written": 1}
    assert stored(server) == ONE


@pytest.mark.parametrize("passing", [CONFLICT, BUSY, AWAY], ids=["conflict", "busy", "away"])
def test_what_passes(passing: KubeError) -> None:
    """Is tried again, with what is there by then; conflicts are counted."""
    server = Server(renamed(ONE, ("a/a:1", 5)), refusals=[None, passing])
    outcomes, recording = play_out(server, ONE)

    assert outcomes == {"written": 1} | ({"conflict": 1} if passing is CONFLICT else {})
    assert len(stored(server).references) == 2
    assert recording.lines == []


@pytest.mark.parametrize(
    ("refusal", "outcome", "times"),
    [
        (FORBIDDEN, {"forbidden": 2}, 1),
        (GONE, {"absent": 2}, 1),
        (INVALID, {"failed": 2}, 1),
        (BUSY, {"failed": 2}, 4),
        (AWAY, {"failed": 2}, 4),
        (CONFLICT, {"failed": 2, "conflict": 8}, 4),
    ],
    ids=["forbidden", "no such kind", "invalid", "busy", "away", "conflict"],
)
def test_what_does_not_pass(refusal: KubeError, outcome: dict[str, int], times: int) -> None:
    """Is given up, counted, and said once, not for each profile."""
    server = Server(refusals=[None, refusal] * (2 * times))
    outcomes, recording = play_out(server, ONE, profile("two", PYTHON))

    assert outcomes == outcome
    assert server.applied == []
    (line,) = recording.lines
    assert (line["level"], line["error"]) == ("warning", str(refusal))


@pytest.mark.parametrize(
    ("refusal", "tries"),
    [(AWAY, 4), (BUSY, 4), (CONFLICT, 4), (FORBIDDEN, 1), (GONE, 1)],
    ids=["away", "busy", "conflict", "forbidden", "no such kind"],
)
def test_what_was_put_off(refusal: KubeError, tries: int) -> None:
    """Is written when it can be: one is tried each minute, and then all of them."""
    server = Server(refusals=[refusal if refusal is not GONE else None, refusal] * tries * 4)
    many = [profile(str(number), PYTHON) for number in range(3)]
    before, recording = play_out(server, *many, seconds=50.0)
    assert "written" not in before
    assert server.objects == {}
    assert recording.metric("spanhook_image_profiles_unwritten") == 3

    outcomes, recording = play_out(server, *many, seconds=1_000.0)

    assert outcomes["written"] == 3
    assert len(server.objects) == 3
    assert recording.metric("spanhook_image_profiles_unwritten") == 0


def test_put_off_and_said_again() -> None:
    """Is written with both; nothing said is lost."""

    async def scene() -> None:
        server = Server(refusals=[AWAY] * 4)
        stage = Stage(server)
        assert await stage.written(ONE) == {"failed": 1}
        await stage.written(replace(renamed(ONE, ("a/a:1", 20)), platforms=()))

        assert len(stored(server).references) == 2
        assert stored(server).platforms == ONE.platforms

    play(scene())


def test_what_would_be_refused_again() -> None:
    """Is not tried again."""
    outcomes, recording = play_out(Server(refusals=[None, INVALID]), ONE, seconds=1_000.0)

    assert outcomes == {"failed": 1}
    assert recording.metric("spanhook_image_profiles_unwritten") == 0


def test_no_room() -> None:
    """A thousand wait at most; what is beyond is counted, what waits already takes more in."""

    async def scene() -> None:
        stage = Stage(Server())
        for number in range(1_003):
            stage.writer.say(profile(str(number), PYTHON))
        stage.writer.say(profile("0", PYTHON, ("a/a:1", 0)))

        assert await stage.written() == {"dropped": 3, "written": 1_000}

    play(scene())
