import json
from dataclasses import replace
from datetime import timedelta
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.webhook.images.profile.examples import (
    AT,
    DIGEST,
    LEARNT,
    MANIFEST,
    over_the_wire,
    platform,
    profile,
    seen,
    worst,
)
from webhook.images.profile import Command, PlatformFacts, Profile, Reference, State, image, write
from webhook.images.profile.bounds import COMMANDS, EVIDENCE, LINE, PLATFORMS, REFERENCES
from webhook.images.profile.writing import LARGEST
from webhook.languages import BY_NAME
from webhook.model import Evidence, Image, Source

# Short texts and endless ones, of characters that take one byte in JSON, six, or have no form.
_texts = st.builds(
    lambda text, times: text * times,
    st.sampled_from(["a", "\0", "\U0001f680", "\ud800", '"', "x\n", "PATH=/bin ", "é"]),
    st.sampled_from([0, 1, 50, 5_000, 70_000]),
)
_names = st.one_of(
    _texts, st.sampled_from(["PATH", "JAVA_TOOL_OPTIONS"]), _texts.map(lambda text: f"OTEL_{text}")
)
_evidence = st.lists(
    st.builds(
        Evidence,
        st.just(Source.IMAGE),
        _texts,
        st.sampled_from([None, "~nginx", *BY_NAME]),
        st.none() | _texts,
        st.sampled_from([None, "glibc", "musl"]),
        st.booleans(),
    ),
    max_size=90,
).map(tuple)
_words = st.lists(_texts, max_size=4).map(tuple)
_images = st.builds(
    Image,
    _words,
    _words,
    st.dictionaries(_names, st.none() | _texts, max_size=8),
    user=_texts,
    architecture=st.none() | _texts,
    evidence=_evidence,
    working_directory=_texts,
)
_profiles = st.builds(
    Profile,
    st.just(DIGEST),
    st.lists(st.builds(Reference, _texts, st.just(AT)), max_size=3).map(tuple),
    st.lists(st.builds(PlatformFacts, _texts, st.just(MANIFEST), _images), max_size=3).map(tuple),
    st.lists(
        st.builds(
            Command,
            st.sampled_from(["3" * 64, "4" * 64, "5" * 64]),
            _evidence,
            st.none() | st.sampled_from(sorted(BY_NAME)),
            st.none() | _texts,
            st.sampled_from([None, "glibc"]),
            st.lists(_texts, max_size=20).map(tuple),
            st.sampled_from(get_args(State)),
            _texts,
        ),
        max_size=4,
    ).map(tuple),
    st.builds(replace, st.just(LEARNT), by=_texts),
)


@given(_profiles)
@settings(max_examples=150)
def test_never_larger(one: Profile) -> None:
    """Whatever an image says, its object is valid, readable and of at most 64 KiB."""
    written = write(one)

    encoded = msgspec.json.encode(written)
    assert len(encoded) <= LARGEST
    assert over_the_wire(one) == over_the_wire(over_the_wire(one))
    assert json.loads(encoded) == written


@pytest.mark.parametrize("text", ["a", "\0", "\U0001f680", "\\"])
def test_worst(text: str) -> None:
    """As much of everything as an image can say fits, and all of it is still there in part."""
    written = write(worst(text, 5_000))

    assert len(msgspec.json.encode(written)) <= LARGEST
    assert all(written["status"][part] for part in ("platforms", "commands"))
    assert written["spec"]["references"]


def test_many() -> None:
    """Of many platforms the first are kept, of references the youngest, of commands the last."""
    one = replace(
        profile(*(platform(name=f"linux/{n}", Cmd=["x"]) for n in range(40))),
        references=tuple(Reference(f"r/x:{n}", AT + timedelta(n)) for n in range(70)),
        commands=tuple(Command(f"{n:064x}", (seen("x", "go"),)) for n in range(90)),
        lacking=("\N{SNOWMAN}", "x" * 65, *(f"linux/{n}" for n in range(40, 80))),
    )

    found = over_the_wire(one)

    assert [p.platform for p in found.platforms] == [f"linux/{n}" for n in range(PLATFORMS)]
    assert found.lacking == tuple(f"linux/{n}" for n in range(40, 40 + PLATFORMS))
    assert [r.name for r in found.references] == [f"r/x:{69 - n}" for n in range(REFERENCES)]
    assert [c.key for c in found.commands] == [f"{n:064x}" for n in range(90 - COMMANDS, 90)]


def test_long_names() -> None:
    """Somebody's many long names of an image take no room from what its layers told."""
    names = (f"r/{'x' * 500}:{n:03}" for n in range(64))
    one = replace(
        profile(),
        references=tuple(Reference(name, AT + timedelta(n)) for n, name in enumerate(names)),
        commands=tuple(Command(f"{n:064x}", (seen("x" * 500, "go"),)) for n in range(64)),
    )

    found = over_the_wire(one)

    assert found.commands == one.commands
    assert len(found.references) == 32
    assert found.references[0].name.endswith(":063")


def test_once() -> None:
    """A reference is there once, as it was seen last, and a command as it was looked at last."""
    key = "3" * 64
    one = replace(
        profile(),
        references=tuple(Reference("r/x:1", AT + timedelta(n)) for n in (1, 3, 2)),
        commands=(Command(key, state="budget"), Command(key, (seen("x", "go"),))),
    )

    found = over_the_wire(one)

    assert found.references == (Reference("r/x:1", AT + timedelta(3)),)
    assert found.commands == (Command(key, (seen("x", "go"),)),)


def test_every_side_stays() -> None:
    """Where there is too much evidence, what contradicts the rest is not what goes."""
    facts = [Evidence(Source.IMAGE, f"{n}", "java", "21") for n in range(200)]
    facts += [Evidence(Source.IMAGE, "last", "python"), Evidence(Source.IMAGE, "c", libc="musl")]
    one = profile(platform(Image(evidence=tuple(facts))))

    found = image(over_the_wire(one)).evidence

    assert {(e.language, e.libc) for e in found} == {
        ("java", None),
        ("python", None),
        (None, "musl"),
    }
    assert (len(found), found[0].fact) == (EVIDENCE, "0")


@pytest.mark.parametrize(
    "fields",
    [
        {"Entrypoint": ["node", "-e", "x" * LINE]},
        {"Cmd": ["node"] * 300},
        {"Cmd": ["node", "\ud800"]},
        {"Cmd": ["node"], "WorkingDir": "/" + "x" * LINE},
    ],
    ids=["long", "many words", "no text", "a long directory"],
)
def test_a_command_line_is_whole_or_not_known(fields: dict[str, Any]) -> None:
    """Half a command line could be another one; without it nothing of the image decides."""
    found = image(over_the_wire(profile(platform(Env=["NODE_VERSION=22.1.0"], **fields))))

    assert (found.entrypoint, found.cmd, found.entry_known) == ((), (), False)
    assert [(e.language, e.version, e.decides) for e in found.evidence] == [
        ("nodejs", "22.1.0", False)
    ]


def test_ordinary_ones_are_not_cut() -> None:
    """A hundred words of a shell's script, and more, are kept as they are."""
    line = ["sh", "-c", "exec java $JAVA_OPTS -jar app.jar\n" * 200]
    one = profile(platform(Cmd=line, Env=["JAVA_TOOL_OPTIONS=" + "-Da=b " * 600]))

    assert over_the_wire(one) == one


def test_no_field_is_cut_in_reading() -> None:
    """What is written at its longest can be read: bounds of the object are no smaller than ours."""
    one = over_the_wire(worst("a", 900))

    assert over_the_wire(one) == one
