"""A look into layers: budgets, faults, several command lines, what is kept."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from inspection.inspector import Inspector
from inspection.learning import Learning
from inspection.look import Look
from inspection.starts import start
from tests.inspection.registries import inspecting
from tests.inspection.trees import body, files, layer
from tests.inspection.wild import script
from tests.registry import images
from tests.registry.images import Image
from tests.registry.server import Server, drips, running, says, soon
from tests.webhook.images.layers.surveys import program
from webhook.images.layers import Start
from webhook.images.profile import Command, Profile, image
from webhook.model import Object
from webhook.settings import ImageInspectionSettings

BLOBS = r"GET .*/blobs/"
TOP = layer([script("run.sh", "exec node server.js"), program("other", "#!/usr/bin/python3.12\n")])
BASE = layer(files("usr/lib", 50, 2_000_000))
LARGE = layer([*files("a", 20, 1_000_000), script("run.sh", "exec node server.js")])


def made(*layers: images.Blob, command: str = "/run.sh") -> Image:
    """An image that starts something that its configuration does not tell."""
    return images.image(*layers, configuration=images.config(Env=["PATH=/bin"], Cmd=[command]))


async def learned(inspector: Inspector, server: Server, content: Image) -> Learning:
    """What is learnt of an image on a server."""
    server.put(content)
    return await inspector.learn(f"{server.host}/team/app:1", deadline=soon())


def starts(learning: Learning, *containers: Object) -> list[Start]:
    """What the containers start."""
    found = [start(container, image(learning.profile)) for container in containers or ({},)]
    return [one for one in found if one is not None]


def looked(content: Image, *containers: Object, seconds: float = 20, **settings: Any) -> Look:
    """A look into an image's layers."""

    async def scenario() -> Look:
        async with running() as server, inspecting(server, **settings) as inspector:
            learning = await learned(inspector, server, content)
            return await inspector.look(
                learning, starts(learning, *containers), deadline=soon(seconds)
            )

    return asyncio.run(scenario())


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


def test_a_profile_alone_is_asked_for_anew() -> None:
    """After a restart there is the profile: its digest leads to the layers."""

    async def scenario() -> tuple[Profile, list[str]]:
        async with running() as server, inspecting(server) as inspector:
            learning = await learned(inspector, server, made(BASE, TOP))
            del server.requests[:]
            async with inspecting(server) as other:
                found = await other.look_inside(learning.profile, starts(learning), deadline=soon())
            return found, server.lines

    found, lines = asyncio.run(scenario())

    assert [one.language for one in found.commands] == ["nodejs"]
    assert found.learnt.requests == 6
    assert len(lines) == 3


def test_a_profile_that_was_learnt_lately() -> None:
    """Costs no manifest again, which a registry may count as a pull: its layers alone are read."""

    async def scenario() -> tuple[Profile, list[str]]:
        async with running() as server, inspecting(server) as inspector:
            learning = await learned(inspector, server, made(BASE, TOP))
            del server.requests[:]
            background = inspector.in_background()
            found = await background.look_inside(
                learning.profile, starts(learning), deadline=soon()
            )
            return found, server.lines

    found, lines = asyncio.run(scenario())

    assert [one.language for one in found.commands] == ["nodejs"]
    assert found.learnt.requests == 4
    assert ["/blobs/" in line for line in lines] == [True]


def test_a_list_of_layers_that_no_node_can_run() -> None:
    """Is not kept: an image's author does not decide how much we hold."""

    async def scenario() -> list[str]:
        many = [images.Blob(TOP.content, TOP.media_type) for _ in range(129)]
        async with running() as server, inspecting(server) as inspector:
            learning = await learned(inspector, server, made(*many))
            del server.requests[:]
            await inspector.look_inside(learning.profile, starts(learning), deadline=soon())
            return server.lines

    assert "/manifests/" in asyncio.run(scenario())[0]


def test_a_profile_whose_image_is_gone() -> None:
    """What cannot be asked for anew is a failure that is written down."""

    async def scenario() -> Profile:
        async with running() as server, inspecting(server) as inspector:
            learning = await learned(inspector, server, made(BASE, TOP))
            server.on(".*", says(404))
            bare = replace(learning.profile, references=())
            with pytest.raises(ValueError, match="empty"):
                await inspector.look_inside(bare, starts(learning), deadline=soon())
            return await inspector.look_inside(
                bare, starts(learning), deadline=soon(), reference=f"{server.host}/team/app:1"
            )

    (command,) = asyncio.run(scenario()).commands

    assert command.state == "failed"
    assert "is not there" in command.message


def test_commands_replace_older_ones() -> None:
    """A command line that is asked about again has its newest answer, others keep theirs."""

    async def scenario() -> Profile:
        async with running() as server, inspecting(server) as inspector:
            learning = await learned(inspector, server, made(BASE, TOP))
            first = await inspector.look_inside(
                learning, starts(learning, {}, {"command": ["/other"]}), deadline=soon()
            )
            learning = replace(learning, profile=first)
            again = starts(replace(learning, profile=replace(first, commands=())))
            return await inspector.look_inside(learning, again, deadline=soon())

    found = asyncio.run(scenario())

    assert [one.language for one in found.commands] == ["python", "nodejs"]


def test_nothing_to_ask_costs_nothing() -> None:
    """Without a command line to ask about the profile stays as it is."""

    async def scenario() -> bool:
        async with running() as server, inspecting(server) as inspector:
            learning = await learned(inspector, server, made(TOP))
            found = await inspector.look_inside(learning, [], deadline=soon())
            return found is learning.profile

    assert asyncio.run(scenario())


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
