"""A look into layers: budgets, faults, several command lines, what is kept."""

import asyncio
from typing import Any

import pytest

from inspection.look import Look
from tests.inspection.looking import BASE, BLOBS, LARGE, TOP, learned, looked, made, starts
from tests.inspection.registries import inspecting
from tests.inspection.trees import body, layer
from tests.inspection.wild import script
from tests.registry import images
from tests.registry.server import drips, running, says, soon
from tests.webhook.images.layers.surveys import program
from webhook.images.profile import Command
from webhook.model import Object
from webhook.settings import ImageInspectionSettings


def test_topmost_first() -> None:
    """The layer on top is asked first, those below it only where that is needed."""
    found = looked(made(BASE, TOP))

    assert [one.language for one in found.commands] == ["nodejs"]
    assert (found.begun, found.layers) == (1, 2)
    assert found.read == len(TOP.content)
    assert found.size == len(TOP.content) + len(BASE.content)
    assert found.spent.requests == 1


def test_layers_without_entries_are_not_fetched() -> None:
    """What builders leave behind for ENV costs no request."""
    empty = images.Blob(bytes.fromhex("1f8b080000096e8800ff621805a360148c5800080000ffff2eafb5ef00040000"), images.GZIP)  # fmt: skip  # noqa: E501

    assert looked(made(TOP, empty)).spent.requests == 1


def test_several_command_lines() -> None:
    """Containers of one image each get their own answer."""
    containers: list[Object] = [{}, {"command": ["/other"]}, {"command": ["/nowhere"]}]

    found = looked(made(BASE, TOP), *containers)

    assert [one.language for one in found.commands] == ["nodejs", "python", None]
    assert [one.state for one in found.commands] == ["decided", "decided", "undecided"]
    assert found.begun == 4  # two need the top alone, the third all
    assert len({one.key for one in found.commands}) == 3


def test_many_command_lines() -> None:
    """They are asked about in turn: what is held is that of one."""
    containers = [{"command": [f"/run{number}"]} for number in range(9)]

    found = looked(made(TOP), *containers)

    assert [one.state for one in found.commands] == ["undecided"] * 9
    assert found.begun == 9


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"layer_bytes_per_image": 100_000}, "imageInspection allows no more"),
        ({"layer_bytes_per_hour": 100_000}, "imageInspection allows no more"),
        ({"layer_bytes_per_image": 0}, "0 MiB were read"),
        ({"layer_bytes_per_hour": 0}, "within an hour"),
        ({"layer_seconds_per_image": 0}, "0 seconds are up"),
    ],
)
def test_budgets(settings: dict[str, Any], message: str) -> None:
    """Bytes of an image and of an hour, and seconds, end a look; it says which."""
    found = looked(made(LARGE), **settings)

    (command,) = found.commands
    assert command.state == "budget"
    whole = ImageInspectionSettings(**settings)
    size = min(whole.layer_bytes_per_image, whole.layer_bytes_per_hour)
    assert command.budget_bytes == size
    assert command.budget_seconds == whole.layer_seconds_per_image
    assert message in command.message
    assert found.read < found.size
    assert command.language is None


def test_the_hour_counts_all_images() -> None:
    """What one image took of the hour is not there for the next one, which may try again."""

    async def scenario() -> list[Command]:
        size = len(TOP.content)
        async with running() as server, inspecting(server, layer_bytes_per_hour=size) as inspector:
            learning = await learned(inspector, server, made(BASE, TOP))
            looks = [
                await inspector.look(learning, starts(learning), deadline=soon()) for _ in range(2)
            ]
            return [look.commands[0] for look in looks]

    first, second = asyncio.run(scenario())
    assert (first.state, second.state) == ("decided", "failed")
    assert "they are read on later" in second.message


def test_what_is_left_of_the_hour() -> None:
    """A look that the hour breaks off in the middle has failed: another hour may be enough."""

    async def scenario() -> str:
        size = len(TOP.content) + 100_000
        async with running() as server, inspecting(server, layer_bytes_per_hour=size) as inspector:
            whole = await learned(inspector, server, made(BASE, TOP))
            await inspector.look(whole, starts(whole), deadline=soon())
            large = await learned(inspector, server, made(LARGE))
            look = await inspector.look(large, starts(large), deadline=soon())
            assert look.read > 0
            return look.commands[0].state

    assert asyncio.run(scenario()) == "failed"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (images.Blob(b"no archive at all" * 100, images.GZIP), "without sense"),
        (images.Blob(LARGE.content[:-5000], images.GZIP), "breaks off"),
        (images.Blob(b"\x1f\x8b" + bytes(100), images.GZIP), "no sound gzip"),
    ],
)
def test_layers_without_sense(content: images.Blob, message: str) -> None:
    """A layer that cannot be read is a failure with its reason, not an exception."""
    (command,) = looked(made(BASE, content, command="/none")).commands

    assert command.state == "failed"
    assert message in command.message


def test_a_registry_without_the_layer() -> None:
    """A blob that is not there, and one that never ends, are failures."""

    async def scenario() -> list[Look]:
        async with running() as server, inspecting(server) as inspector:
            learning = await learned(inspector, server, made(LARGE))
            server.on(BLOBS, says(404))
            gone = await inspector.look(learning, starts(learning), deadline=soon())
            server.on(BLOBS, drips(b"HTTP/1.1 200 OK\r\n\r\n", b""))
            slow = await inspector.look(learning, starts(learning), deadline=soon(0.3))
            return [gone, slow]

    gone, slow = asyncio.run(scenario())

    assert [look.commands[0].state for look in (gone, slow)] == ["failed", "failed"]
    assert gone.spent.requests == 1
    assert "is not there" in gone.commands[0].message
    assert "within" in slow.commands[0].message


def test_waiting_for_others_has_a_deadline() -> None:
    """A look that does not get its turn in time says so, and spends nothing."""

    async def scenario() -> Look:
        async with running() as server, inspecting(server) as inspector:
            learning = await learned(inspector, server, made(LARGE))
            server.on(BLOBS, drips(b"HTTP/1.1 200 OK\r\n\r\n", b""))
            first = asyncio.create_task(
                inspector.look(learning, starts(learning), deadline=soon(1))
            )
            await server.until(lambda: any("/blobs/" in line for line in server.lines[3:]))
            second = await inspector.look(learning, starts(learning), deadline=soon(0.1))
            first.cancel()
            await asyncio.gather(first, return_exceptions=True)
            return second

    found = asyncio.run(scenario())

    assert found.commands[0].state == "failed"
    assert "other images" in found.commands[0].message
    assert found.spent.requests == 0


def test_other_agents_are_named() -> None:
    """Agents of others that lie in what was read are kept by their vendors' names."""
    agent = layer(
        [
            program("opt/dd-java-agent.jar", body(100)),
            script("run.sh", "exec java -jar a.jar"),
        ]
    )

    (command,) = looked(made(agent)).commands

    assert command.agents == ("Datadog",)
