"""What is to be done about an image, and when a tag is asked for again."""

from dataclasses import replace
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspection.platforms import own
from tests.webhook.server.cluster.profiler.things import NEW, platform, profile
from webhook.images.profile import Command, State, command_key
from webhook.images.profile.bounds import COMMANDS
from webhook.model import Image
from webhook.server.cluster.profiler.plan import (
    Situation,
    due,
    missing_platforms,
    needed,
    passed,
    platforms,
    starts,
)
from webhook.server.cluster.profiler.queue import Priority
from webhook.server.cluster.profiler.shelf import held
from webhook.server.cluster.profiler.wanted import Use
from webhook.settings import ImageInspectionSettings

CART = "registry.corp/cart:1"
SETTINGS = ImageInspectionSettings()
USE = Use(CART, "shop", (), (), b"{}")
ARM = replace(USE, platforms=("linux/arm64",))
UNTOLD = Image(entrypoint=("/opt/cart",))
TOLD = Image(entrypoint=("python3", "-m", "cart"))
KEY = command_key(UNTOLD.entrypoint, {"image": CART})
GOOD = Situation((USE,), held(profile()), 1000.0, TOLD)


def need(found: Situation, now: float = 1000.0) -> Priority | None:
    """What is needed."""
    return needed(CART, found, now, SETTINGS)


def test_all_is_well() -> None:
    """An image that is known, and tells: nothing."""
    assert need(GOOD) is None


def test_not_known() -> None:
    """An image without a profile comes first, unless it is known from elsewhere."""
    assert need(replace(GOOD, held=None, image=None)) is Priority.NEW
    assert need(replace(GOOD, held=None)) is None


def test_another_platform() -> None:
    """A platform that the profile lacks is asked for, once; settings name platforms, too."""
    other = replace(GOOD, uses=(USE, ARM))
    assert need(other) is Priority.NEW
    assert need(replace(other, lacking=("linux/arm64",))) is None
    both = held(profile("sha256:" + "1" * 64, {}, platform(), platform("linux/arm64/v8")))
    assert need(replace(other, held=both)) is None

    named = ImageInspectionSettings(platforms=("linux/amd64", "linux/arm/v7"))
    assert platforms((USE, ARM), named) == ("linux/amd64", "linux/arm/v7", "linux/arm64")
    assert missing_platforms((USE,), GOOD.held or held(profile()), (), named) == ("linux/arm/v7",)
    assert platforms((USE,), SETTINGS) == ()
    assert platforms((USE, ARM), SETTINGS) == tuple(sorted({"linux/arm64", str(own())}))


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (None, Priority.LAYERS),
        ("failed", Priority.LAYERS),
        ("decided", None),
        ("undecided", None),
        ("budget", None),
    ],
)
def test_layers(state: str | None, expected: Priority | None) -> None:
    """Where the configuration tells too little they are read, and not again for the same end."""
    budget = {"budget_bytes": SETTINGS.layer_bytes_per_image, "budget_seconds": 30.0}
    found_one = {"key": KEY, "state": state} | (budget if state == "budget" else {})
    commands = [msgspec.convert(found_one, Command)] if state else []
    found = replace(GOOD, image=UNTOLD, held=held(profile(commands=commands)))

    assert need(found) is expected


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, None),
        ({"layer_bytes_per_image": 2 << 20}, Priority.LAYERS),
        ({"layer_seconds_per_image": 31}, Priority.LAYERS),
        ({"layer_bytes_per_image": 2 << 20, "layer_bytes_per_hour": 1 << 20}, None),
        ({"layer_bytes_per_image": 1 << 10}, None),
    ],
)
def test_a_larger_budget(settings: dict[str, Any], expected: Priority | None) -> None:
    """What did not end within a budget is looked into again with a larger one, and no other."""
    used_up = Command(KEY, state="budget", budget_bytes=1 << 20, budget_seconds=30.0)
    found = replace(GOOD, image=UNTOLD, held=held(profile(commands=[used_up])))
    now = ImageInspectionSettings(**{"layer_bytes_per_image": 1 << 20, **settings})

    assert needed(CART, found, 1000.0, now) is expected


def test_layers_are_not_read_where_the_settings_say_so() -> None:
    """Nor while it is not known what the configuration says."""
    found = replace(GOOD, image=UNTOLD)

    assert needed(CART, found, 1000.0, ImageInspectionSettings(layers=False)) is None
    assert need(replace(found, image=None)) is None


def test_command_lines_are_asked_about_once() -> None:
    """However many containers start the same; a container's own command is one more."""
    own = replace(USE, container=b'{"command":["/opt/worker"]}')
    found = replace(GOOD, uses=(USE, replace(USE, namespace="pay"), own), image=UNTOLD)

    argvs = [one.argv for one in starts(replace(found, held=held(profile())), SETTINGS)]

    assert argvs == [("/opt/cart",), ("/opt/worker",)]


def test_arguments_that_change_with_each_job() -> None:
    """They are looked into until the profile has eight; what templates start comes first."""
    jobs = [used(f"/opt/job{number}", is_fleeting=True) for number in range(100)]
    found = replace(GOOD, uses=(*jobs, used("/opt/cart"), used("/opt/worker")), image=UNTOLD)

    first = [one.argv for one in starts(replace(found, held=held(profile())), SETTINGS)]
    assert first[:2] == [("/opt/cart",), ("/opt/worker",)]
    assert len(first) == 8

    eight = held(profile(commands=[known(str(number)) for number in range(8)]))
    assert [one.argv for one in starts(replace(found, held=eight), SETTINGS)] == first[:2]
    again = held(profile(commands=[known(str(n), "failed") for n in range(8)]))
    job = replace(found, uses=(used("/opt/job1", is_fleeting=True),))
    assert list(starts(replace(job, held=again), SETTINGS)) == []


def test_a_full_profile() -> None:
    """Nothing more is looked into than it has room for; what failed is tried again."""
    uses = [used(f"/opt/run{number}") for number in range(COMMANDS + 1)]
    found = replace(GOOD, uses=uses, image=UNTOLD)
    keys = [one.key or "" for one in starts(replace(found, held=held(profile())), SETTINGS)]
    assert len(keys) == COMMANDS

    full = held(profile(commands=[known(keys[0], "failed"), *map(known, keys[1:])]))
    assert [one.key for one in starts(replace(found, held=full), SETTINGS)] == keys[:1]


def used(command: str, *, is_fleeting: bool = False) -> Use:
    """A container that starts something."""
    return replace(USE, container=b'{"command":["%b"]}' % command.encode(), is_fleeting=is_fleeting)


def known(key: str, state: State = "undecided") -> Command:
    """A command line that was looked into."""
    return Command(key, state=state)


def test_tags_grow_old() -> None:
    """A tag is asked for before its age is up; a digest never."""
    assert need(GOOD, 1000 + 3600 * 0.49) is None
    assert need(GOOD, 1000 + 3600 * 0.81) is Priority.AGED
    assert need(replace(GOOD, resolved=None), 1e9) is None


def test_a_node_runs_what_we_never_saw() -> None:
    """Then the tag has moved, and is asked for at once."""
    assert need(replace(GOOD, strangers=(NEW,))) is Priority.AGED
    assert need(replace(GOOD, strangers=(NEW,), resolved=None)) is None


def test_other_code() -> None:
    """What another version learnt is learnt anew, last of all."""
    assert need(replace(GOOD, held=held(profile(revision=0)))) is Priority.OLD


@given(
    st.lists(st.text("abc", min_size=1), min_size=1, unique=True),
    st.floats(0, 1e9),
    st.floats(0, 1e6),
)
def test_one_request_in_its_age(names: list[str], resolved: float, age: float) -> None:
    """A tag is due in the second half of its age, long before its end, each at its own time."""
    for name in names:
        at = due(name, resolved, age)
        assert resolved + 0.49 * age <= at <= resolved + 0.81 * age
        assert due(name, resolved, age) == at


def test_tags_are_not_due_together() -> None:
    """Ten thousand tags that were learnt together are spread over a third of their age."""
    times = [due(f"registry.corp/app:{number}", 0.0, 1000.0) for number in range(10_000)]
    minutes = [sum(low <= at < low + 10 for at in times) for low in range(500, 800, 10)]

    assert min(minutes) > 200
    assert max(minutes) < 500


@given(
    st.builds(
        Situation,
        st.lists(st.sampled_from((USE, ARM)), max_size=2),
        st.one_of(st.none(), st.just(held(profile())), st.just(held(profile(revision=0)))),
        st.one_of(st.none(), st.just(1000.0)),
        st.sampled_from((TOLD, None)),
        strangers=st.sampled_from(((), (NEW,))),
    ),
    st.floats(0, 10_000),
)
def test_time_alone(found: Situation, now: float) -> None:
    """What time brings is among what is needed, or less urgent than it."""
    whole, part = need(found, now), passed(CART, found, now, SETTINGS)

    assert part is None or (whole is not None and whole <= part)
