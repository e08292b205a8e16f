"""What look-ups leave behind: for dry runs, for old tags, for registries that are away."""

import asyncio

import pytest

from registry.errors import ServerError
from tests.webhook.server.cluster.images.cart import APP, DEADLINE, serving
from tests.webhook.server.cluster.images.passing import play
from tests.webhook.server.cluster.images.stage import JAVA, Registry, Stage, digest
from webhook.images.reference import canonical


def test_a_dry_run_writes_nothing() -> None:
    """It learns what the image is all the same; the first real pod has it written, unasked."""

    async def scene() -> None:
        stage = Stage(serving())
        dry = [await stage.admit(APP, dryRun=True) for _ in range(2)]
        assert {reply.decisions for reply in dry} == {"c0=inject:python"}
        assert len(stage.registry.asked) == 2
        assert (stage.written, list(stage.profiles.known)) == ([], [])
        real = await stage.admit(APP)

        assert real.decisions == "c0=inject:python"
        assert len(stage.registry.asked) == 2
        assert len(stage.written) == 1
        assert canonical(APP) in stage.profiles.known

    play(scene())


def test_a_pod_that_joins_a_dry_run() -> None:
    """Has what it waits for written."""

    async def scene() -> None:
        stage = Stage(serving(seconds=0.1))
        await asyncio.gather(stage.admit(APP, dryRun=True), stage.admit(APP))

        assert len(stage.written) == 1
        assert len(stage.registry.asked) == 2

    play(scene())


def test_what_a_dry_run_learnt_grows_old() -> None:
    """A tag is asked for again after its age, whoever asked before."""

    async def scene() -> None:
        stage = Stage(serving())
        await stage.admit(APP, dryRun=True)
        stage.registry.push(APP, "two", JAVA)
        await asyncio.sleep(3601)

        assert (await stage.admit(APP, dryRun=True)).decisions == "c0=inject:java"
        assert (await stage.admit(APP)).decisions == "c0=inject:java"
        assert [one.digest for one in stage.written] == [digest("two")]

    play(scene())


def test_dry_runs_are_remembered_in_bounds() -> None:
    """The oldest goes."""

    async def scene() -> None:
        registry = Registry()
        stage = Stage(registry)
        for number in range(300):
            registry.push(f"shop/app{number}:1", str(number))
            await stage.admit(f"shop/app{number}:1", dryRun=True)
        asked = len(registry.asked)
        await stage.admit("shop/app299:1")
        assert len(registry.asked) == asked
        await stage.admit("shop/app0:1")
        assert len(registry.asked) == asked + 2

    play(scene())


def test_a_tag_that_grew_old() -> None:
    """Is asked for again, with one request where it did not move."""

    async def scene() -> None:
        stage = Stage(serving())
        await stage.admit(APP)
        await asyncio.sleep(3599)
        await stage.admit(APP)
        assert len(stage.registry.asked) == 2
        await asyncio.sleep(2)
        assert (await stage.admit(APP)).decisions == "c0=inject:python"
        assert stage.registry.asked[2:] == [f"resolve {canonical(APP)}"]
        await asyncio.sleep(3000)
        await stage.admit(APP)
        assert len(stage.registry.asked) == 3

    play(scene())


def test_a_tag_that_moved() -> None:
    """Within its age the old image counts, then the new one."""

    async def scene() -> None:
        stage = Stage(serving())
        await stage.admit(APP)
        stage.registry.push(APP, "two", JAVA)
        assert (await stage.admit(APP)).decisions == "c0=inject:python"
        await asyncio.sleep(3601)
        assert (await stage.admit(APP)).decisions == "c0=inject:java"
        assert (await stage.admit(f"shop/cart@{digest('one')}")).decisions == "c0=inject:python"
        assert [one.digest for one in stage.written] == [digest("one"), digest("two")]

    play(scene())


@pytest.mark.parametrize("seconds", [0.0, 30.0], ids=["down", "hanging"])
def test_an_old_tag_and_a_registry_that_is_away(seconds: float) -> None:
    """The image that was known counts on: nodes may well have it still."""

    async def scene() -> None:
        stage = Stage(serving())
        await stage.admit(APP)
        stage.registry.faults[canonical(APP)] = ServerError("down")
        stage.registry.seconds = seconds
        await asyncio.sleep(90_000)
        reply = await stage.admit(APP)

        assert reply.decisions == "c0=inject:python"
        assert reply.seconds == pytest.approx(min(seconds, DEADLINE))
        assert "ImageUnreachable" not in reply.warnings
        await stage.lookup.close()

    play(scene())
