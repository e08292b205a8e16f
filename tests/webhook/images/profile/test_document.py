import copy
import json
import re
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.webhook.images.profile.examples import (
    AT,
    DIGEST,
    KEY,
    LEARNT,
    REFERENCE,
    over_the_wire,
    platform,
    profile,
    seen,
)
from webhook.images.profile import (
    REVISION,
    Command,
    Learnt,
    Profile,
    Reference,
    name,
    read,
    write,
)
from webhook.model import WINDOWS, Evidence, Image, Source

COMMAND = Command(
    KEY,
    (seen("/app/web is a Go program", "go", "1.26.1"), seen("it is static", decides=False)),
    "go",
    "1.26.1",
    agents=("Datadog: /opt/dd-java-agent.jar is in the image",),
    message="the layer was not read to its end",
    state="budget",
    budget_bytes=64 << 20,
    budget_seconds=30.5,
)
WHOLE = replace(
    profile(
        platform(Env=["PYTHONPATH=/site", "DD_SERVICE=x"], Cmd=["python3"], WorkingDir="/srv"),
        platform(Image(entry_known=False, user="app"), "windows/amd64"),
        commands=(COMMAND,),
    ),
    last_used=AT + timedelta(days=1),
)


def test_round_trip() -> None:
    """What is written is read again, all of it."""
    assert over_the_wire(WHOLE) == WHOLE


def test_object() -> None:
    """The object of a small profile, word by word."""
    assert write(profile(platform(Cmd=["java", "-jar", "a.jar"], Env=["JAVA_VERSION=21.0.9"]))) == {
        "apiVersion": "spanhook.dev/v1alpha1",
        "kind": "ImageProfile",
        "metadata": {"name": "sha256-" + "1" * 64},
        "spec": {
            "digest": DIGEST,
            "references": [{"name": "docker.io/acme/cart:1", "resolved": "2026-11-20T08:30:00Z"}],
        },
        "status": {
            "revision": REVISION,
            "learnt": {
                "at": "2026-11-20T08:30:00Z",
                "by": "0.1.0",
                "requests": 4,
                "bytes": 18000,
            },
            "summary": {
                "language": "java",
                "version": "21.0.9",
                "references": "docker.io/acme/cart:1",
            },
            "platforms": [
                {
                    "platform": "linux/amd64",
                    "digest": "sha256:" + "2" * 64,
                    "architecture": "amd64",
                    "cmd": ["java", "-jar", "a.jar"],
                    "evidence": [
                        {
                            "fact": "JAVA_VERSION=21.0.9 in the image's environment",
                            "language": "java",
                            "version": "21.0.9",
                        }
                    ],
                }
            ],
        },
    }


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (profile(), {"language": "python", "version": "3.13.1"}),
        (profile(platform(Cmd=["nginx"])), {"reason": "LanguageUnsupported"}),
        (profile(platform(Cmd=["/start.sh"])), {"reason": "LanguageUnknown"}),
        (
            profile(platform(Image(evidence=(Evidence(Source.IMAGE, "x", WINDOWS),)))),
            {"reason": "WindowsPod"},
        ),
        (Profile(DIGEST, (), (), (), LEARNT), {"reason": "LanguageUnknown"}),
    ],
    ids=["ours", "none of ours", "open", "Windows", "nothing"],
)
def test_summary(one: Profile, expected: dict[str, str]) -> None:
    """People see what a container without a command of its own would be taken for."""
    summary = write(one)["status"]["summary"]

    assert {key: summary[key] for key in summary if key != "references"} == expected


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ((), None),
        (("1",), "docker.io/acme/cart:1"),
        (("1", "2", "3"), "docker.io/acme/cart:3 and 2 more"),
    ],
)
def test_references(tags: tuple[str, ...], expected: str | None) -> None:
    """People see the youngest of the references, and how many there are besides."""
    references = (Reference(f"docker.io/acme/cart:{tag}", AT + timedelta(int(tag))) for tag in tags)

    written = write(replace(profile(), references=tuple(references)))

    assert written["status"]["summary"].get("references") == expected


def test_times() -> None:
    """Times are of whole seconds, in UTC, wherever they come from."""
    berlin = datetime(2026, 11, 20, 9, 30, 0, 123, timezone(timedelta(hours=1)))
    one = replace(profile(), references=(Reference("docker.io/acme/cart:1", berlin),))

    assert over_the_wire(one).references == (REFERENCE,)


def test_a_newer_version_may_say_more() -> None:
    """Fields that this version does not know are passed over."""
    written = write(WHOLE)
    written["metadata"] |= {"managedFields": [], "resourceVersion": "7"}
    written["spec"]["more"] = written["status"]["more"] = {"x": [1]}
    written["status"]["revision"] = 99

    assert read(written) == replace(WHOLE, revision=99)


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        ("metadata", None, "metadata"),
        ("metadata.name", "sha256-" + "9" * 64, "metadata.name"),
        ("apiVersion", "spanhook.dev/v9", "apiVersion"),
        ("kind", "Pod", "kind"),
        ("spec", [], "spec"),
        ("spec.digest", "sha256:1", "spec.digest"),
        ("spec.references.0.resolved", "yesterday", "spec.references[0].resolved"),
        ("spec.references.0.resolved", "2026-11-20T08:30:00", "spec.references[0].resolved"),
        (
            "spec.references.0.resolved",
            "0001-01-01T00:00:00+14:00",
            "spec.references[0].resolved",
        ),
        ("status.lastUsed", "9999-12-31T23:59:59-14:00", "status.lastUsed"),
        ("status.learnt.at", "0001-01-01T00:00:00+14:00", "status.learnt.at"),
        ("spec.references.0.name", 7, "spec.references[0].name"),
        ("spec.references", {}, "spec.references"),
        ("status.revision", -1, "status.revision"),
        ("status.revision", "1", "status.revision"),
        ("status.learnt", None, "status.learnt"),
        ("status.learnt.bytes", 1e300, "status.learnt.bytes"),
        ("status.platforms.0.digest", "latest", "status.platforms[0].digest"),
        ("status.platforms.0.cmd", "python3", "status.platforms[0].cmd"),
        ("status.platforms.0.cmd", ["x"] * 257, "status.platforms[0].cmd"),
        ("status.platforms.0.cmd", ["x" * 8193], "status.platforms[0].cmd"),
        ("status.platforms.0.environment.0.value", 1, "status.platforms[0].environment"),
        ("status.platforms.0.evidence", [{"language": "go"}], "status.platforms[0].evidence[0]"),
        (
            "status.platforms.0.evidence",
            [{"fact": "", "language": "cobol"}],
            "status.platforms[0].evidence[0].language",
        ),
        (
            "status.platforms.0.evidence",
            [{"fact": "", "libc": "newlib"}],
            "status.platforms[0].evidence[0].libc",
        ),
        ("status.commands.0.key", "java -jar", "status.commands[0].key"),
        ("status.commands.0.state", "perhaps", "status.commands[0].state"),
        ("status.commands.0.language", "cobol", "status.commands[0].language"),
        ("status.commands", [{}] * 65, "status.commands"),
    ],
)
def test_hostile(path: str, value: object, field: str) -> None:
    """What does not hold is kept out, with the field named."""
    written = copy.deepcopy(write(WHOLE))
    *parents, last = path.split(".")
    holder: Any = written
    for key in parents:
        holder = holder[int(key) if key.isdigit() else key]
    holder[last] = value

    with pytest.raises(ValueError, match=re.escape(field)):
        read(written)


_json: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(st.data())
def test_anything(data: st.DataObject) -> None:
    """Whatever stands anywhere in an object, it is a profile or a ValueError."""
    written = copy.deepcopy(write(WHOLE))
    holder: Any = written
    key: Any = data.draw(st.sampled_from(sorted(written)))
    while isinstance(holder[key], dict | list) and holder[key] and data.draw(st.booleans()):
        holder = holder[key]
        keys = sorted(holder) if isinstance(holder, dict) else list(range(len(holder)))
        key = data.draw(st.sampled_from(keys))
    holder[key] = data.draw(_json)

    with suppress(ValueError):
        assert isinstance(read(written), Profile)


@pytest.mark.parametrize("thing", [{}, [], None, "x", {"apiVersion": 1}])
def test_not_even_an_object(thing: Any) -> None:
    """Nothing of the form at all is a ValueError, too."""
    with pytest.raises(ValueError, match=r"the object|apiVersion"):
        read(thing)


def test_deep() -> None:
    """Nesting costs nothing but an error."""
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    written = write(WHOLE)
    written["status"]["platforms"] = deep

    with pytest.raises(ValueError, match=r"status\.platforms"):
        read(written)


@pytest.mark.parametrize(
    "digest", ["", "sha256:", "sha256:" + "G" * 64, "latest", "md5:" + "1" * 32]
)
def test_no_name(digest: str) -> None:
    """What is no digest has no object."""
    with pytest.raises(ValueError, match="digest"):
        name(digest)
    with pytest.raises(ValueError, match="digest"):
        write(replace(profile(), digest=digest))


def test_names() -> None:
    """An object is named for its digest."""
    assert name(DIGEST) == "sha256-" + "1" * 64
    assert name("sha512:" + "a" * 128) == "sha512-" + "a" * 128


def test_trust() -> None:
    """An object cannot say that a person, or the command line, told its evidence."""
    written = write(WHOLE)
    written["status"]["platforms"][0]["evidence"] = [
        {"fact": "x", "language": "java", "source": "annotation"}
    ]
    found = read(json.loads(json.dumps(written)))

    assert {e.source for one in found.platforms for e in one.image.evidence} == {Source.IMAGE}
    assert {e.source for one in found.commands for e in one.evidence} == {Source.LAYERS}


def test_learnt_in_utc() -> None:
    """What is read is in UTC."""
    assert over_the_wire(replace(WHOLE, learnt=Learnt(AT, "x"))).learnt.at.tzinfo is UTC
