import logging

import pytest

from console.commands.node_agent import Propagation
from nodeagent.propagation.paths import DEFAULT, WISHES, Path, Paths, State, choose
from nodeagent.propagation.trying import refusal
from nodeagent.propagation.way import SK_MSG, WAYS, WRITE, Way
from tests.nodeagent.machine import require_tracing


def _closed(*names: str) -> dict[str, str]:
    return dict.fromkeys(names, "lockdown")


def _states(wish: str, closed: dict[str, str]) -> dict[str, State]:
    paths = choose(wish, lambda way: closed.get(way.name, ""))
    return {path.way: path.state for path in paths.states}


@pytest.mark.parametrize(
    ("wish", "closed", "write", "sk_msg"),
    [
        ("off", (), State.OFF, State.OFF),
        ("write", (), State.ON, State.OFF),
        ("write", ("write",), State.UNAVAILABLE, State.OFF),
        ("sk-msg", (), State.OFF, State.ON),
        ("sk-msg", ("write", "sk-msg"), State.OFF, State.UNAVAILABLE),
        ("auto", (), State.ON, State.OFF),
        ("auto", ("write",), State.UNAVAILABLE, State.ON),
        ("auto", ("write", "sk-msg"), State.UNAVAILABLE, State.UNAVAILABLE),
    ],
)
def test_the_first_way_that_is_open(
    wish: str, closed: tuple[str, ...], write: State, sk_msg: State
) -> None:
    """Among those that are asked for; never two."""
    found = _states(wish, _closed(*closed))

    assert found == {"write": write, "sk-msg": sk_msg}


def test_the_way_is_that_which_is_on() -> None:
    """None where no way is on."""
    assert choose("auto", lambda _: "").way is WRITE
    assert choose("auto", lambda way: "no" if way is WRITE else "").way is SK_MSG
    assert choose("off", lambda _: "").way is None
    assert choose("write", lambda _: "no").way is None


def test_only_what_is_asked_for_is_tried() -> None:
    """What is off costs nothing."""
    tried: list[Way] = []

    def refused(way: Way) -> str:
        tried.append(way)
        return ""

    choose("sk-msg", refused)

    assert tried == [SK_MSG]


def test_reasons_are_told(caplog: pytest.LogCaptureFixture) -> None:
    """Aloud where what is asked for is not there."""
    paths = choose("auto", lambda way: "lockdown" if way is WRITE else "")
    with caplog.at_level(logging.INFO):
        paths.log()

    assert [(record.levelname, record.message) for record in caplog.records] == [
        ("WARNING", "propagation by write: unavailable: lockdown"),
        ("INFO", "propagation by sk-msg: on"),
    ]


def test_another_way_is_named(caplog: pytest.LogCaptureFixture) -> None:
    """Who asked for one way, and cannot have it, may not know of the other."""
    paths = choose("write", lambda _: "lockdown")
    paths.log()

    [record] = caplog.records
    assert record.message.endswith("lockdown; `auto` tries the other way, too")


def test_what_fails_in_the_end_is_unavailable() -> None:
    """The other states stay."""
    paths = choose("sk-msg", lambda _: "").without("too large")

    assert paths.way is None
    assert paths.states[1] == Path("sk-msg", State.UNAVAILABLE, "too large")
    assert paths.states[0].state is State.OFF


def test_each_way_is_in_one_state() -> None:
    """As samples of a metric; none before it was tried."""
    samples = dict(choose("write", lambda _: "").samples())

    assert [labels for labels, value in samples.items() if value] == [
        ("write", "on"),
        ("sk-msg", "off"),
    ]
    assert len(samples) == len(WAYS) * len(State)
    assert not list(Paths("write").samples())


def test_the_command_asks_for_the_same() -> None:
    """What can be said is what is known."""
    assert [one.value for one in Propagation] == list(WISHES)
    assert DEFAULT in WISHES


def test_this_machine() -> None:
    """Messages can be changed wherever programs can be traced; writing is up to the kernel."""
    require_tracing()

    assert refusal(SK_MSG) == ""
    refused = refusal(WRITE)
    assert not refused or refused.startswith("SYS_ADMIN is needed, and a kernel that is not")
