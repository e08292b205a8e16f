"""What an admission spends on images that are not known: in a time and at a registry of our own."""

import asyncio
from collections.abc import Collection

import pytest

from registry.errors import (
    ERRORS,
    CircuitOpen,
    RateLimited,
    RegistryError,
    ServerError,
    TimedOut,
    UnexpectedStatus,
)
from registry.keyring import Credential, Keyring
from tests.webhook.server.cluster.images.passing import Passing, play
from tests.webhook.server.cluster.images.stage import JAVA, PYTHON, Registry, Stage, digest, profile
from webhook.images.reference import canonical
from webhook.review import Review
from webhook.server.limits import Limits
from webhook.server.waiting import Found

APP = "shop/cart:1"
DEADLINE = 1.0


def fault(kind: type[RegistryError]) -> RegistryError:
    """One of the family."""
    if issubclass(kind, RateLimited | CircuitOpen):
        return kind("what happened", 7.0)
    if kind is UnexpectedStatus:
        return UnexpectedStatus("what happened", 418)
    return kind("what happened")


def serving(seconds: float = 0.0) -> Registry:
    """A registry with one image."""
    registry = Registry(seconds=seconds)
    registry.push(APP, "one", PYTHON)
    return registry


def test_a_cold_image() -> None:
    """The first pod of an image waits for the registry, and gets what the image is."""

    async def scene() -> None:
        stage = Stage(serving(seconds=0.01))
        reply = await stage.admit(APP)

        assert reply.decisions == "c0=inject:python"
        assert reply.seconds == pytest.approx(0.02)
        assert [one.digest for one in stage.written] == [digest("one")]
        assert [one.name for one in stage.written[0].references] == [canonical(APP)]
        assert (stage.written[0].learnt.requests, stage.written[0].learnt.bytes) == (4, 4_500)
        assert stage.metric("image_lookups_total", outcome="learnt") == 1
        assert stage.metric("image_waits_total", outcome="in_time") == 1
        assert stage.metric("image_lookup_requests_total") == 4
        assert stage.metric("image_lookup_bytes_total") == 4_500
        assert stage.metric("image_lookup_duration_seconds_count") == 1
        assert stage.metric("images_known") >= 1

    play(scene())


def test_the_second_pod() -> None:
    """What was learnt once costs no request and no wait, by tag as by digest."""

    async def scene() -> None:
        stage = Stage(serving())
        await stage.admit(APP)
        asked = list(stage.registry.asked)
        by_tag, by_digest = await stage.admit(APP), await stage.admit(f"shop/cart@{digest('one')}")

        assert by_tag.decisions == by_digest.decisions == "c0=inject:python"
        assert by_tag.seconds == by_digest.seconds == 0
        assert stage.registry.asked == asked

    play(scene())


def test_another_tag_of_a_known_image() -> None:
    """Costs one request: which digest it is."""

    async def scene() -> None:
        stage = Stage(serving())
        stage.registry.push("shop/cart:latest", "one")
        await stage.admit(APP)
        reply = await stage.admit("shop/cart:latest")

        assert reply.decisions == "c0=inject:python"
        assert stage.registry.asked[2:] == ["resolve docker.io/shop/cart:latest"]
        assert stage.written[1].platforms == ()
        assert [one.name for one in stage.written[1].references] == ["docker.io/shop/cart:latest"]
        assert stage.metric("image_lookups_total", outcome="refreshed") == 1

    play(scene())


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.word)
def test_every_fault(kind: type[RegistryError]) -> None:
    """The pod is allowed and told why; the metric has the fault's word; nobody waits longer."""

    async def scene() -> None:
        stage = Stage(serving(seconds=0.1))
        stage.registry.faults[canonical(APP)] = fault(kind)
        reply = await stage.admit(APP)

        reason = "ImagePending" if kind is TimedOut else "ImageUnreachable"
        assert reply.decisions == f"c0=skip:{reason}"
        assert "what happened" in reply.warnings
        assert reply.seconds <= DEADLINE
        assert stage.metric("image_lookups_total", outcome=kind.word) == 1
        assert stage.written == []

    play(scene())


def test_a_fault_that_nobody_foresaw() -> None:
    """A bug costs the pod its agent and nothing else; the log has it."""

    async def scene() -> None:
        stage = Stage(serving())
        stage.registry.faults[canonical(APP)] = KeyError("nobody foresaw this")
        reply = await stage.admit(APP)

        assert reply.decisions == "c0=skip:ImagePending"
        assert stage.metric("image_lookups_total", outcome="bug") == 1
        told = [line.get("traceback", "") for line in stage.recording.lines]
        assert any("nobody foresaw this" in trace for trace in told)

    play(scene())


@pytest.mark.parametrize("seconds", [0.6, 2.0, 30.0])
def test_a_slow_registry(seconds: float) -> None:
    """No pod waits longer than the deadline, to the moment."""

    async def scene() -> None:
        stage = Stage(serving(seconds=seconds))
        reply = await stage.admit(APP)

        assert reply.seconds == pytest.approx(DEADLINE)
        assert reply.decisions == "c0=skip:ImagePending"
        assert "in time" in reply.warnings
        assert stage.metric("image_waits_total", outcome="late") == 1
        await stage.lookup.close()

    play(scene())


def test_what_came_too_late_is_there_for_the_next_pod() -> None:
    """The look-up goes on behind the answer."""

    async def scene() -> None:
        stage = Stage(serving(seconds=1.5))
        first = await stage.admit(APP)
        await asyncio.sleep(2.5)
        second = await stage.admit(APP)

        assert first.decisions == "c0=skip:ImagePending"
        assert (second.decisions, second.seconds) == ("c0=inject:python", 0)
        assert len(stage.written) == 1
        assert len(stage.registry.asked) == 2

    play(scene())


@pytest.mark.parametrize(
    ("query", "waits"),
    [
        (b"", 1.0),
        (b"timeout=3s", 1.0),
        (b"timeout=1s", 0.5),
        (b"a=b&timeout=1s&c", 0.5),
        (b"timeout=700ms", 0.2),
        (b"timeout=1m30s", 1.0),
        (b"timeout=500ms", 0.0),
        (b"timeout=never", 1.0),
    ],
)
def test_the_api_servers_own_timeout(query: bytes, waits: float) -> None:
    """Half a second of it is left for the answer's way, however long the settings would wait."""

    async def scene() -> None:
        stage = Stage(serving(seconds=30))
        reply = await stage.admit(APP, query=query)

        assert reply.seconds == pytest.approx(waits)
        assert reply.decisions == "c0=skip:ImagePending"
        await stage.lookup.close()

    play(scene())


def test_a_busy_machine() -> None:
    """Where answers come later than meant, those that follow wait less; calm makes up for it."""

    async def scene() -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, Passing)
        stage = Stage(serving(seconds=30))
        fetch = stage.waiting._fetch

        async def slowly(review: Review, missing: Collection[str], until: float) -> Found:
            found = await fetch(review, missing, until)
            loop.now += 0.2
            return found

        stage.waiting._fetch = slowly
        first, second = await stage.admit(APP), await stage.admit("shop/other:1")
        assert first.seconds == pytest.approx(1.2)
        assert second.seconds == pytest.approx(1.0)
        await stage.lookup.close()

    play(scene())


def test_no_deadline_is_no_wait() -> None:
    """With a deadline of 0 no pod waits; the image is asked for all the same, for the next one."""

    async def scene() -> None:
        stage = Stage(serving(0.1))
        stage.inspecting(deadline=0.0)
        first = await stage.admit(APP)
        await asyncio.sleep(1)
        second = await stage.admit(APP)

        assert (first.decisions, first.seconds) == ("c0=skip:ImagePending", 0)
        assert (second.decisions, second.seconds) == ("c0=inject:python", 0)

    play(scene())


def test_switched_off() -> None:
    """Without inspection the first answer is the answer."""

    async def scene() -> None:
        stage = Stage(serving())
        stage.inspecting(enabled=False)

        assert (await stage.admit(APP)).decisions == "c0=skip:LanguageUnknown"
        assert stage.registry.asked == []

    play(scene())


def test_fifty_pods_of_one_image() -> None:
    """Ask once, by tag or by digest."""

    async def scene() -> None:
        stage = Stage(serving(seconds=0.1))
        replies = await asyncio.gather(*(stage.admit(APP) for _ in range(50)))

        assert {reply.decisions for reply in replies} == {"c0=inject:python"}
        assert len(stage.registry.asked) == 2
        assert len(stage.written) == 1
        assert stage.metric("image_lookups_total", outcome="learnt") == 1

    play(scene())


def test_a_pod_of_many_images() -> None:
    """All of a pod's images share its deadline; those that came count."""

    async def scene() -> None:
        registry = serving()
        registry.push("shop/slow:1", "two", JAVA)
        stage = Stage(registry)
        stage.registry.faults["docker.io/shop/gone:1"] = ServerError("down")
        reply = await stage.admit(APP, "shop/slow:1", "shop/gone:1")

        assert reply.decisions == "c0=inject:python,c1=inject:java,c2=skip:ImageUnreachable"

    play(scene())


def test_a_pod_of_too_many_images() -> None:
    """Beyond sixteen it is told to come again."""

    async def scene() -> None:
        registry = Registry()
        images = [f"shop/app{number}:1" for number in range(20)]
        for image in images:
            registry.push(image, image)
        stage = Stage(registry)
        reply = await stage.admit(*images)

        assert reply.decisions.count("inject:python") == 16
        assert reply.decisions.count("skip:ImagePending") == 4

    play(scene())


def test_a_registry_that_hangs_leaves_room_for_others() -> None:
    """So many look-ups of one registry, and in all; beyond that a pod is answered at once."""

    async def scene() -> None:
        registry = Registry(seconds=30)
        stage = Stage(registry, Limits(waiting=1000))
        hanging = [
            asyncio.create_task(stage.admit(f"one.example/app{number}:1")) for number in range(80)
        ]
        await asyncio.sleep(0.5)
        assert registry.most == 64
        other = asyncio.create_task(stage.admit("two.example/app:1"))
        await asyncio.sleep(0)
        replies = await asyncio.gather(*hanging)

        assert sorted(reply.seconds for reply in replies)[:16] == [0.0] * 16
        assert {reply.decisions for reply in replies} == {"c0=skip:ImagePending"}
        assert DEADLINE * 0.9 <= (await other).seconds < DEADLINE
        assert stage.metric("image_waits_total", outcome="no_room") == 16
        await stage.lookup.close()

    play(scene())


@pytest.mark.parametrize(
    "limits", [Limits(waiting=1), Limits(waiting_bytes=500)], ids=["number", "bytes"]
)
def test_reviews_that_wait_are_bounded(limits: Limits) -> None:
    """Whoever comes beyond the bound is answered at once; afterwards there is room again."""

    async def scene() -> None:
        stage = Stage(serving(seconds=0.2), limits)
        first = asyncio.create_task(stage.admit(APP))
        await asyncio.sleep(0.1)
        second = await stage.admit("shop/other:1")

        assert second.seconds == 0
        assert second.decisions == "c0=skip:ImagePending"
        assert (await first).decisions == "c0=inject:python"
        assert (stage.waiting.waiting, stage.waiting.held_bytes) == (0, 0)

    play(scene())


def test_failures_are_remembered() -> None:
    """A fault is not asked for again at once, each time for longer, and forgotten with success."""

    async def scene() -> None:
        stage = Stage(serving())
        stage.registry.faults[canonical(APP)] = ServerError("down")
        waits = []
        for _ in range(3):
            began = len(stage.registry.asked)
            await stage.admit(APP)
            assert len(stage.registry.asked) == began + 1
            time = asyncio.get_running_loop().time()
            for _ in range(1000):
                await asyncio.sleep(1)
                await stage.admit(APP)
                if len(stage.registry.asked) > began + 1:
                    break
            waits.append(round(asyncio.get_running_loop().time() - time))
            await asyncio.sleep(100)
        assert waits[0] == 5
        assert waits == sorted(set(waits))
        assert stage.metric("image_waits_total", outcome="remembered") > 5
        stage.registry.faults.clear()
        await asyncio.sleep(400)
        assert (await stage.admit(APP)).decisions == "c0=inject:python"

    play(scene())


def test_a_registry_that_says_when() -> None:
    """Is not asked before that."""

    async def scene() -> None:
        stage = Stage(serving())
        stage.registry.faults[canonical(APP)] = RateLimited("too often", 60.0)
        await stage.admit(APP)
        await asyncio.sleep(59)
        await stage.admit(APP)
        assert len(stage.registry.asked) == 1
        await asyncio.sleep(2)
        await stage.admit(APP)
        assert len(stage.registry.asked) == 2

    play(scene())


def test_failures_are_of_whose_credentials_they_were() -> None:
    """Who may not read an image does not keep those from it who may."""

    async def scene() -> None:
        stage = Stage(serving())
        good = Keyring((("docker.io", Credential("reader", "made up")),))
        stage.keyrings.keyrings = {"good": good}
        stage.registry.readers = [good]
        without = await stage.admit(APP)
        spec = {"imagePullSecrets": [{"name": "good"}, {}, None, {"name": 7}]}
        having = await stage.admit(APP, spec=spec)

        assert without.decisions == "c0=skip:ImageUnreachable"
        assert having.decisions == "c0=inject:python"

    play(scene())


def test_credentials_that_take_their_time() -> None:
    """Reading them counts against the deadline; when they come, the image is asked for."""

    async def scene() -> None:
        stage = Stage(serving())
        stage.keyrings.seconds = 5
        reply = await stage.admit(APP)

        assert reply.seconds == pytest.approx(DEADLINE)
        assert reply.decisions == "c0=skip:ImagePending"
        assert stage.registry.asked == []
        await asyncio.sleep(5)
        assert (await stage.admit(APP)).decisions == "c0=inject:python"

    play(scene())


def test_credentials_that_never_come() -> None:
    """So many pods may wait for them; whoever comes then is answered at once; a stop ends it."""

    async def scene() -> None:
        stage = Stage(serving(), Limits(waiting=1000))
        stage.keyrings.seconds = 1e9
        replies = await asyncio.gather(*(stage.admit(f"shop/a{n}:1") for n in range(150)))

        assert {reply.decisions for reply in replies} == {"c0=skip:ImagePending"}
        assert stage.metric("image_waits_total", outcome="no_room") == 150 - 128
        await stage.lookup.close()

    play(scene())


def test_nobody_to_ask() -> None:
    """While the settings cannot be used, what is known counts, and what is not is pending."""

    async def scene() -> None:
        stage = Stage(serving())
        stage.profiles.learnt(profile("known", JAVA, ("shop/known:1", 0)))
        stage.inspector = None
        reply = await stage.admit(APP, "shop/known:1")

        assert reply.decisions == "c0=skip:ImagePending,c1=inject:java"
        assert stage.metric("image_waits_total", outcome="nobody") == 1

    play(scene())


def test_closing_answers_who_waits() -> None:
    """The end of the client is no longer waited for than it takes."""

    async def scene() -> None:
        stage = Stage(serving(seconds=30))
        waiting = asyncio.create_task(stage.admit(APP))
        await asyncio.sleep(0.1)
        await stage.lookup.close()
        reply = await waiting

        assert reply.seconds == pytest.approx(0.1)
        assert reply.decisions == "c0=skip:ImagePending"

    play(scene())


@pytest.mark.parametrize(
    ("selector", "platforms"),
    [
        ({}, ()),
        ({"kubernetes.io/arch": "arm64"}, ("linux/arm64",)),
        ({"kubernetes.io/arch": "../x"}, ()),
        ({"kubernetes.io/arch": 7}, ()),
        (None, ()),
        ([], ()),
    ],
)
def test_the_platform_is_the_nodes(selector: object, platforms: tuple[str, ...]) -> None:
    """Where the pod selects nodes by architecture, that one is asked for."""

    async def scene() -> None:
        stage = Stage(serving())
        await stage.admit(APP, spec={"nodeSelector": selector} if selector is not None else {})

        assert stage.registry.platforms == [platforms]

    play(scene())
