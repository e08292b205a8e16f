"""Profiles that layers are to add to: what is asked for anew, what is kept, what is replaced."""

import asyncio
from dataclasses import replace

import pytest

from tests.inspection.looking import BASE, TOP, learned, made, starts
from tests.inspection.registries import inspecting
from tests.registry import images
from tests.registry.server import running, says, soon
from webhook.images.profile import Profile


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
