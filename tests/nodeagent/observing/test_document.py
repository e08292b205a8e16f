"""What is there and what was seen, put together."""

import copy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from nodeagent.observing.application import Owner, Seen, Workload
from nodeagent.observing.document import OWNERS, merged, plain
from nodeagent.observing.observation import Observation
from webhook.observed import Observed, read
from webhook.observed.document import ENTRIES, Document

NOW = datetime(2026, 11, 20, 17, 45, tzinfo=UTC)
CART = Workload("shop", "Deployment", "cart")
OWNER = Owner("apps/v1", "ReplicaSet", "cart-1", "u-1")
KEY = "a" * 64
JAVA = Observation(
    "java", "21.0.4", "glibc", ("Datadog",), ("/bin/java", "-jar", "x.jar"), "java", {"http": "on"}
)


def digest(number: int) -> str:
    """One of many images."""
    return f"sha256:{number:064x}"


def seen(number: int = 1, container: str = "app", observation: Observation = JAVA) -> Seen:
    """Something seen in a container."""
    return Seen(CART, container, digest(number), observation, KEY, OWNER)


def test_the_first() -> None:
    """The whole object; what the webhook reads of it is what was seen."""
    found = merged(None, [seen()], NOW)

    assert found["metadata"] == {
        "name": "deployment-cart",
        "namespace": "shop",
        "ownerReferences": [
            {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "cart-1", "uid": "u-1"}
        ],
    }
    assert found["status"] == {
        "summary": "app: java 21.0.4",
        "observations": [
            {
                "containerName": "app",
                "digest": digest(1),
                "lastSeen": "2026-11-20T00:00:00Z",
                "version": "21.0.4",
                "libc": "glibc",
                "agents": ["Datadog"],
                "command": ["/bin/java", "-jar", "x.jar"],
                "probes": [{"name": "http", "state": "on"}],
            }
        ],
    }
    assert read(found) == {
        seen().key: Observed("java", "21.0.4", "glibc", "java", ("Datadog",), KEY)
    }


def test_twice_is_once() -> None:
    """What is there already is as it was, whatever order the API server has it in."""
    both = [seen(1), seen(2), seen(1, "web")]
    found = merged(None, both, NOW)
    stored = copy.deepcopy(found)
    stored["metadata"] |= {"resourceVersion": "7", "uid": "u", "managedFields": [{}]}
    for part, key in (("spec", "languages"), ("status", "observations")):
        stored[part][key].reverse()

    assert merged(stored, both, NOW + timedelta(hours=2)) == plain(stored) == found
    assert merged(stored, both, NOW + timedelta(days=1)) != found


def test_others_entries_stay() -> None:
    """With fields that we do not know; of ours the new ones count."""
    there = merged(None, [seen(1), seen(2, "web")], NOW)
    there["spec"]["languages"][1]["later"] = there["status"]["later"] = "x"

    found = merged(there, [seen(1, observation=Observation(process_name="nginx"))], NOW)

    assert found["spec"]["languages"] == [
        {"containerName": "app", "digest": digest(1), "processName": "nginx", "commandKey": KEY},
        there["spec"]["languages"][1],
    ]
    assert found["status"]["summary"] == "app: nginx, web: java 21.0.4"
    assert there["spec"]["languages"][1]["later"] == "x"


def test_old_entries_go() -> None:
    """After 90 days without a word; and the oldest, where there are too many."""
    there: dict[str, Any] | None = None
    for day in range(100):
        there = merged(there, [seen(day)], NOW + timedelta(days=day))
        assert there is not None
        assert len(there["spec"]["languages"]) <= ENTRIES
    assert there is not None
    kept = [one["digest"] for one in there["status"]["observations"]]

    assert kept == [digest(day) for day in range(100 - ENTRIES, 100)]
    last = merged(there, [seen(500)], NOW + timedelta(days=99 + 91))
    assert [one["digest"] for one in last["spec"]["languages"]] == [digest(500)]
    assert last["status"]["summary"] == "app: java 21.0.4"


def test_an_entry_that_is_just_being_written() -> None:
    """Its language is there before its observation is: it stays."""
    there = merged(None, [seen(1), seen(2)], NOW)
    there["status"]["observations"].pop()

    found = merged(there, [seen(1)], NOW)

    assert [one["digest"] for one in found["spec"]["languages"]] == [digest(1), digest(2)]


def test_owners() -> None:
    """Each once; of too many the last."""
    one = seen()
    there: dict[str, Any] | None = None
    for number in range(OWNERS + 3):
        owner = replace(OWNER, uid=f"u-{number}")
        there = merged(there, [replace(one, owner=owner)] * 2, NOW)
    assert there is not None
    uids = [reference["uid"] for reference in there["metadata"]["ownerReferences"]]

    assert len(uids) == len(set(uids)) == OWNERS
    assert uids[-1] == f"u-{OWNERS + 2}"
    assert merged(None, [replace(one, owner=None)], NOW)["metadata"]["ownerReferences"] == []


def test_hostile_values() -> None:
    """Whatever was seen, what is written is within the bounds of the schema."""
    long = "\u00e9" * 5000
    worst = Observation(
        "java",
        long,
        "newlib",
        (long,) * 100,
        (long,) * 100,
        long,
        {f"{number}{long}": long for number in range(200)},
    )

    found = merged(None, [seen(observation=worst)], NOW)

    assert msgspec.convert(found, Document).status.observations[0].libc is None
