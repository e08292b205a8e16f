"""Images whose configuration leaves it open, on a real registry: layers tell what they run."""

import asyncio

import pytest

from inspection.inspector import Inspector
from inspection.look import Look
from inspection.starts import start
from tests.inspection.registries import KILOBYTE, asked
from tests.inspection.wild import CASES, Case
from tests.registry.debian import Running
from tests.registry.pushing import push
from tests.registry.server import soon
from webhook.images.profile import Profile, image
from webhook.images.reference import canonical
from webhook.model import Context, Facts, Inject, Skip
from webhook.mutate import mutate
from webhook.reasons import Reason
from webhook.settings import Settings

# What the entry starts stands in the files that it reads.
UNTOLD = frozenset({"as Gitea"})
TOLD = [case for case in CASES if case.language and case.name not in UNTOLD]


@pytest.fixture(scope="module")
def wild(plain: Running) -> Running:
    """A registry with the images, a thousandth of their size."""
    for number, case in enumerate(CASES):
        push(plain.url, f"wild/app{number}", case.image(KILOBYTE), "1")
    return plain


async def looked(inspector: Inspector, reference: str) -> tuple[Profile, Profile]:
    """The profile by the configuration, and with the layers."""
    learned = await inspector.learn(reference, deadline=soon())
    asked_for = start({"image": reference}, image(learned.profile))
    assert asked_for is not None
    found = await inspector.look_inside(learned, [asked_for], deadline=soon())
    return learned.profile, found


def decision(reference: str, profile: Profile) -> Inject | Skip:
    """What the webhook decides about a pod of that image."""
    pod = {"metadata": {"name": "one"}, "spec": {"containers": [{"name": "a", "image": reference}]}}
    facts = Facts({canonical(reference): image(profile)})
    outcome = mutate(pod, Context(opted_in=True), facts, Settings())
    assert outcome.failure is None
    return outcome.decisions[0].decision


@pytest.mark.parametrize("case", TOLD, ids=[case.name for case in TOLD])
def test_layers_decide(wild: Running, case: Case) -> None:
    """What was LanguageUnknown is the right language, with what its agent needs to know."""
    reference = f"{wild.host}/wild/app{CASES.index(case)}:1"

    before, after = asked(wild, lambda inspector: looked(inspector, reference))

    unknown = decision(reference, before)
    assert isinstance(unknown, Skip)
    assert unknown.reason is Reason.LANGUAGE_UNKNOWN
    (command,) = after.commands
    assert (command.state, command.language) == ("decided", case.language)
    assert command.libc == (case.libc or command.libc)
    assert command.version in {case.version, None}
    assert decision(reference, after).language == case.language


@pytest.mark.parametrize(
    "case", [case for case in CASES if case not in TOLD], ids=lambda case: case.name
)
def test_layers_leave_it_open(wild: Running, case: Case) -> None:
    """What nothing tells stays unknown, with a sentence that says so."""
    reference = f"{wild.host}/wild/app{CASES.index(case)}:1"

    _, after = asked(wild, lambda inspector: looked(inspector, reference))

    (command,) = after.commands
    assert command.state == "undecided"
    assert command.message
    skip = decision(reference, after)
    assert isinstance(skip, Skip)
    assert skip.reason is Reason.LANGUAGE_UNKNOWN


def test_it_stops_as_soon_as_it_knows(plain: Running) -> None:
    """The start script above a large base is a hundredth of the image, and nothing else is read."""
    case = next(case for case in CASES if case.name == "Java by a script")
    push(plain.url, "wild/large", case.image(20 * KILOBYTE), "1")

    async def look(inspector: Inspector) -> Look:
        learned = await inspector.learn(f"{plain.host}/wild/large:1", deadline=soon())
        asked_for = start({}, image(learned.profile))
        assert asked_for
        return await inspector.look(learned, [asked_for], deadline=soon())

    found = asked(plain, look)

    assert (found.begun, found.layers) == (1, 4)
    assert found.spent.requests == 1
    assert found.spent.bytes < found.size / 100


def test_thorough_reads_on_for_a_version(plain: Running) -> None:
    """Go's version stands behind its code: worth reading for a person, not for a decision."""
    case = next(case for case in CASES if case.name == "Go on nothing")
    push(plain.url, "wild/go", case.image(200 * KILOBYTE), "1")

    async def look(inspector: Inspector) -> tuple[Look, Look]:
        learned = await inspector.learn(f"{plain.host}/wild/go:1", deadline=soon())
        asked_for = start({}, image(learned.profile))
        assert asked_for
        return (
            await inspector.look(learned, [asked_for], deadline=soon()),
            await inspector.look(learned, [asked_for], deadline=soon(), thorough=True),
        )

    short, long = asked(plain, look)

    assert (short.commands[0].language, short.commands[0].version) == ("go", None)
    assert (long.commands[0].language, long.commands[0].version) == ("go", "1.26.1")
    assert short.read < long.read


def test_many_at_once_take_turns(wild: Running) -> None:
    """Looks into several images at a time each come to their end."""

    async def look(inspector: Inspector) -> list[str]:
        references = [f"{wild.host}/wild/app{number}:1" for number in range(8)]
        found = await asyncio.gather(*(looked(inspector, one) for one in references))
        return [after.commands[0].state for _, after in found]

    assert asked(wild, look) == ["decided"] * 8
