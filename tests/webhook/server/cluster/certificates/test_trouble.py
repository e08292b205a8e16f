"""What somebody else does to the Secret and to the configuration, at a real API server."""

import base64
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from certs.authority import Authority
from certs.holdings import Holdings
from certs.secret import write
from tests.cluster import Cluster
from tests.cluster.reliability.objects import configuration
from tests.waiting import until
from tests.webhook.server.cluster.certificates.stage import (
    ENTRIES,
    SECRET,
    SERVICE,
    TIMEOUT_SECONDS,
    Calling,
    Stage,
    settle,
    stage,
)


@pytest.fixture(scope="module")
def served(api: Cluster, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Two replicas; whatever a test does to them, they are well again at its end."""
    with stage(api, tmp_path_factory.mktemp("trouble")) as one:
        one.fleet.scale_up(2)
        settle(one)
        yield one


def foreign(home: str) -> dict[str, bytes | None]:
    """A Secret's content that is sound, and of an authority that nobody has heard of."""
    now = datetime.now(UTC)
    authority = Authority.create(now)
    return write(Holdings(authority, authority.issue([f"{SERVICE}.{home}.svc", "localhost"], now)))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param({"tls.crt": b"what?"}, "tls.crt: cannot be read", id="broken certificate"),
        pytest.param({"tls.key": None}, "tls.key: is missing", id="half written"),
        pytest.param({"ca.key": b"-----BEGIN"}, "ca.key: cannot be read", id="broken authority"),
        pytest.param({"ca-next.crt": b"x"}, "ca-next.", id="a broken next one"),
        pytest.param(
            {"ca.crt": None, "ca.key": None, "tls.crt": None, "tls.key": None},
            "the Secret is empty",
            id="emptied",
        ),
    ],
)
def test_broken_secret(served: Stage, change: dict[str, bytes | None], said: str) -> None:
    """It is kept out and put back; everybody serves on, an Event names the key."""
    before, leaves = served.data(), served.served()
    with Calling(served) as calling:
        served.write(change)
        until(lambda: served.data() == before, "the Secret is mended")
        until(
            lambda: any(said in one["note"] for one in served.events("CertificateSecretUnusable")),
            "the Event",
        )
        until(lambda: calling.count > 30, "calls")
    calling.check()

    assert leaves == served.served()
    settle(served)


def test_foreign_certificate(served: Stage) -> None:
    """A sound certificate that API servers would not believe is kept out, and put back."""
    before, leaves = served.data(), served.served()
    with Calling(served) as calling:
        for _ in range(5):
            served.write(foreign(served.home))
            until(lambda: served.data() == before, "the Secret is mended")
            assert leaves == served.served()
        until(lambda: calling.count > 30, "calls")
    calling.check()

    notes = [one["note"] for one in served.events("CertificateSecretUnusable")]
    assert any("comes from an authority that the caBundle" in note for note in notes)


def test_deleted_secret(served: Stage) -> None:
    """Everybody serves on, and says so; applied again empty, it is filled from memory."""
    before, leaves = served.data(), served.served()
    usable = "spanhook_certificate_secret_usable"
    with Calling(served) as calling:
        served.cluster.delete("Secret", SECRET, served.home)
        until(
            lambda: all(served.metric(one, usable) == 0 for one in served.fleet.replicas),
            "everybody says so",
        )
        until(lambda: served.events("CertificateSecretUnusable"), "the Event")
        for replica in served.fleet.replicas:
            note = served.readiness(replica)["checks"]["certificate"]
            assert "the Secret does not exist" in note
        assert leaves == served.served()
        until(lambda: calling.count > 30, "calls")
        served.empty()
        until(lambda: served.data() == before, "the Secret is filled again")
        until(
            lambda: all(served.metric(one, usable) == 1 for one in served.fleet.replicas),
            "everybody is well again",
        )
    calling.check()
    settle(served)


def set_bundle(one: Stage, entry: int, value: bytes) -> None:
    """What a person or a tool writes into an entry."""
    where = f"/webhooks/{entry}/clientConfig/caBundle"
    content = base64.b64encode(value).decode()
    answer = one.cluster.patch(
        "MutatingWebhookConfiguration", one.home, [{"op": "add", "path": where, "value": content}]
    )
    assert answer.status == 200, answer.body


@pytest.mark.parametrize("entry", [0, 1])
def test_bundle_is_repaired(served: Stage, entry: int) -> None:
    """Whoever writes something else into a caBundle finds ours there again."""
    before = served.bundles()
    stranger = Authority.create(datetime.now(UTC)).certificate
    for value in (b"", stranger, stranger + before[0][0]):
        set_bundle(served, entry, value)
        until(lambda: served.bundles() == before, "the caBundle is repaired")
    settle(served)


def test_applied_again(served: Stage) -> None:
    """Applying the shipped configuration again leaves the caBundle alone."""
    before = served.bundles()

    served.cluster.apply(configuration(served.home, "Fail", TIMEOUT_SECONDS))

    assert before == served.bundles()


def owned(fields: object, below: str = "") -> set[str]:
    """The last names of the fields that a manager owns, as managedFields has them."""
    if isinstance(fields, dict) and fields:
        return set().union(*(owned(value, key) for key, value in fields.items()))
    return {below}


def test_nothing_else_is_touched(served: Stage) -> None:
    """What others own of the configuration stays as it is: labels, other entries, their order."""
    found = served.cluster.get("MutatingWebhookConfiguration", served.home)
    assert found is not None
    ours = found["webhooks"]
    other = {
        **ours[0],
        "name": "other.webhook.example",
        "clientConfig": {"url": "https://127.0.0.1:1/"},
    }
    other["namespaceSelector"] = {"matchLabels": {"no": "namespace"}}
    change = {
        "metadata": {"labels": {"theirs": "yes"}},
        "webhooks": [other, *({**one, "clientConfig": _without(one)} for one in ours)],
    }
    answer = served.cluster.patch("MutatingWebhookConfiguration", served.home, change)
    assert answer.status == 200, answer.body

    until(lambda: [len(entry) for entry in served.bundles()] == [0, 1, 1], "ours are repaired")

    after = served.cluster.get("MutatingWebhookConfiguration", served.home)
    assert after is not None
    assert [one["name"] for one in after["webhooks"]] == ["other.webhook.example", *ENTRIES]
    assert after["metadata"]["labels"]["theirs"] == "yes"
    (managed,) = (one for one in after["metadata"]["managedFields"] if one["manager"] == "spanhook")
    assert owned(managed["fieldsV1"]) == {"f:caBundle"}

    remove = [{"op": "remove", "path": "/webhooks/0"}]
    answer = served.cluster.patch("MutatingWebhookConfiguration", served.home, remove)
    assert answer.status == 200, answer.body
    settle(served)


def _without(entry: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in entry["clientConfig"].items() if key != "caBundle"}


def test_configuration_comes_late(api: Cluster, tmp_path: Path) -> None:
    """Without a configuration replicas are ready and say what lacks; the bundle comes with it."""
    with stage(api, tmp_path, register=False) as one:
        one.fleet.scale_up(1)
        (replica,) = one.fleet.replicas
        until(
            lambda: "does not exist" in one.readiness(replica)["checks"]["certificate"],
            "it says what lacks",
        )
        assert one.metric(replica, "spanhook_ca_bundle_in_place") == 0

        api.apply(configuration(one.home, "Fail", TIMEOUT_SECONDS))
        settle(one)

        until(lambda: one.metric(replica, "spanhook_ca_bundle_in_place") == 1, "the metric")
        phase = 'spanhook_certificate_rotation_phase{phase="steady"}'
        assert (one.metric(replica, "spanhook_leader"), one.metric(replica, phase)) == (1, 1)


def test_secret_comes_late(api: Cluster, tmp_path: Path) -> None:
    """Without its Secret a replica that starts is not ready, and says what to do."""
    with stage(api, tmp_path) as one:
        api.delete("Secret", SECRET, one.home)
        replica = one.fleet._start("early")
        one.fleet.replicas.append(replica)
        until(
            lambda: (
                one.said("listening")
                and "the Secret does not exist" in one.readiness(replica)["checks"]["certificate"]
            ),
            "it says what lacks",
        )
        assert not replica.is_ready()

        one.empty()
        until(replica.is_ready, "it is ready")
        one.fleet.publish(replica)
        settle(one)


def test_broken_secret_at_the_start(api: Cluster, tmp_path: Path) -> None:
    """Nobody remembers anything: a sound authority issues another leaf, so nobody trusts anew."""
    with stage(api, tmp_path) as one:
        content = foreign(one.home) | {"tls.crt": b"what?", "ca-next.key": b"x"}
        one.write(content)
        one.fleet.scale_up(2)
        settle(one)

        assert one.data()["ca.crt"] == content["ca.crt"]
        assert one.reading().problems == ()


def test_hopeless_secret_at_the_start(api: Cluster, tmp_path: Path) -> None:
    """Nobody remembers anything, and the authority is broken: it is left alone, and said."""
    with stage(api, tmp_path) as one:
        one.write({"ca.crt": b"somebody's", "ca.key": b"treasure"})
        before = one.data()
        replica = one.fleet._start("stuck")
        one.fleet.replicas.append(replica)
        until(lambda: one.events("CertificateSecretUnusable"), "the Event")

        note = one.events("CertificateSecretUnusable")[0]["note"]
        assert note.startswith("ca.crt: cannot be read: ")
        assert note.endswith(" (to begin anew, take out all its data)")
        assert (before, replica.is_ready()) == (one.data(), False)

        one.write({"ca.crt": None, "ca.key": None})
        until(replica.is_ready, "it begins anew")
        one.fleet.publish(replica)
        settle(one)


def test_replica_with_an_empty_memory(api: Cluster, tmp_path: Path) -> None:
    """The Secret is emptied, and who leads next has never seen it: others put it back."""
    with stage(api, tmp_path) as one:
        one.fleet.scale_up(3)
        settle(one)
        before = one.data()
        leader = one.leader()
        assert leader is not None
        with Calling(one) as calling:
            api.delete("Secret", SECRET, one.home)
            for replica in [one for one in one.fleet.replicas if one is not leader][:1]:
                one.fleet.retire(replica)
            one.fleet.retire(leader)
            one.empty()
            one.fleet.scale_up(2)
            until(lambda: one.data() == before, "the Secret is filled again", 90)
        calling.check()
        settle(one)
