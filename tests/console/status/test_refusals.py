"""Who may not read everything, and what is not answered."""

import pytest

from kube.errors import ApiError, Unreachable
from tests.console.status.answering import FakeClient, answers, ask, forbidden
from tests.console.status.documents import of_deployment, pod
from tests.console.status.test_pods import injected


def test_rights_for_one_namespace() -> None:
    """Who may not list namespaces sees the context's own; with -A nothing is put in its place."""
    client = FakeClient(
        answers(injected(pod()), namespaces=forbidden("namespaces"), everywhere=forbidden())
    )
    client.namespace = "shop"

    found = ask(client)
    nothing = ask(client, all_or_nothing=True)

    assert [one.name for one in found.namespaces] == ["shop"]
    assert [one.what for one in found.unread] == ["namespaces"]
    assert found.healthy
    assert nothing.namespaces == ()
    assert [one.what for one in nothing.unread] == ["namespaces"]


def test_rights_for_pods_only() -> None:
    """Who may read pods and nothing else sees which of them are instrumented."""
    refused = {name: forbidden(name) for name in (
        "configuration", "deployment", "slices", "settings", "events", "leases", "leader",
        "namespaces", "shop",
    )}  # fmt: skip
    client = FakeClient(answers(injected(pod(name="done")), pod(name="plain"), **refused))

    found = ask(client, "shop")

    (shop,) = found.namespaces
    assert (shop.opted_in, shop.counts.pods) == (None, 1)
    assert len(found.unread) == 8
    assert all("forbidden" in one.why for one in found.unread)


def test_no_rights_at_all() -> None:
    """Who may read nothing is told so, section by section, and it is not well."""
    client = FakeClient({path: forbidden() for path in answers()})

    found = ask(client)

    assert not found.healthy
    assert {one.section for one in found.unread} == {
        "webhook",
        "certificates",
        "images",
        "nodes",
        "pods",
    }


def test_config_maps_that_are_not_ours_to_read() -> None:
    """After a refusal no other ConfigMap is asked for; decisions go on without."""
    pods = []
    for number in range(3):
        one = of_deployment("cart", f"{number:05}")
        one["spec"]["containers"][0]["envFrom"] = [{"configMapRef": {"name": f"vars-{number}"}}]
        pods.append(one)
    refused = {
        f"/api/v1/namespaces/shop/configmaps/vars-{number}": forbidden("configmaps")
        for number in range(3)
    }
    client = FakeClient(answers(*pods) | refused)

    found = ask(client)

    assert [one.what for one in found.unread] == ["ConfigMaps of shop"]
    assert sum("/shop/configmaps/" in path for path, _ in client.asked) == 1
    assert found.namespaces[0].counts.pending == 3


@pytest.mark.parametrize("name", ["configuration", "namespaces", "pods", "shop"])
def test_credentials_that_nobody_knows(name: str) -> None:
    """Without credentials that count there is nothing to show."""
    client = FakeClient(answers(**{name: ApiError(401, "Unauthorized", "Unauthorized")}))

    with pytest.raises(ApiError, match="Unauthorized"):
        ask(client, *(["shop"] if name == "shop" else []))


def test_nobody_answers() -> None:
    """An API server that is not there is an error, not a long list of what could not be read."""
    client = FakeClient({path: Unreachable("https://x: refused") for path in answers()})

    with pytest.raises(Unreachable, match="refused"):
        ask(client)


def test_a_connection_that_breaks_later() -> None:
    """What breaks off in the middle costs its part only."""
    found = ask(FakeClient(answers(pods=Unreachable("https://x: reset"))))

    assert [(one.what, one.why) for one in found.unread] == [("pods of shop", "https://x: reset")]
    assert found.webhook.registered
