import asyncio
from datetime import timedelta

import pytest

from console.manifests.errors import InputError
from console.status.model import Cause
from console.status.reading import OPTED_IN
from kube.errors import ApiError
from tests.console.status.answering import (
    APPS,
    SPACE,
    SYSTEM,
    FakeClient,
    Json,
    answers,
    ask,
    forbidden,
)
from tests.console.status.documents import NOW, installation, namespace, of_deployment, pod
from tests.console.status.test_pods import injected
from webhook.optin import LABEL


def test_well() -> None:
    """An installation whose pods are all instrumented is healthy."""
    found = ask(FakeClient(answers(injected(of_deployment("cart")))))

    assert found.healthy
    assert found.findings == ()
    assert found.unread == ()
    assert found.at == NOW
    (shop,) = found.namespaces
    assert shop.counts.instrumented == 1
    assert found.certificates.replicas[0].leader


@pytest.mark.parametrize("off", [timedelta(hours=1), -timedelta(hours=1)])
def test_a_clock_that_is_off(off: timedelta) -> None:
    """Replicas are judged by the API server's time, whatever the clock beside us says."""
    client = FakeClient(answers(injected(of_deployment("cart"))))
    client.time = NOW

    found = ask(client, now=NOW + off)

    assert found.healthy
    assert found.at == NOW
    assert all(one.current for one in found.certificates.replicas)


def test_pending() -> None:
    """A pod of before the opt-in, and the line that mends it."""
    found = ask(FakeClient(answers(of_deployment("cart"))))

    assert not found.healthy
    ((cart,),) = (one.workloads for one in found.namespaces)
    assert cart.causes == {Cause.BEFORE_OPT_IN: 1}
    assert cart.remedy is not None
    assert cart.remedy.command == "kubectl rollout restart deployment/cart -n shop"


def test_the_workload_is_asked() -> None:
    """How a workload rolls out is read, where that may be."""
    paused = {f"{APPS}/shop/deployments/cart": {"spec": {"paused": True}}}
    refused = {f"{APPS}/shop/deployments/cart": forbidden("deployments")}

    resumed = ask(FakeClient(answers(of_deployment("cart")) | paused))
    unknown = ask(FakeClient(answers(of_deployment("cart")) | refused))

    (first,), (second,) = (one.namespaces[0].workloads for one in (resumed, unknown))
    assert first.remedy is not None
    assert "resume" in (first.remedy.command or "")
    assert second.remedy is not None
    assert second.remedy.command == "kubectl rollout restart deployment/cart -n shop"
    assert [one.what for one in unknown.unread] == ["deployments of shop"]


def test_pages() -> None:
    """Large lists come in pages, all of which count."""
    pods = [of_deployment("cart", f"{number:05}") for number in range(120)]
    client = FakeClient(answers(*pods), page=7)

    (shop,) = ask(client).namespaces

    assert shop.counts.pending == 120
    asked = [query for path, query in client.asked if path.endswith("/shop/pods")]
    assert len(asked) == 18
    assert "continue" not in asked[0]
    assert all(int(query["limit"]) <= 500 for query in asked)


def test_pods_that_are_large() -> None:
    """A page that would be too much to hold at once is asked for in smaller ones."""
    pods = [of_deployment("cart", f"{number:05}") for number in range(60)]
    for one in pods:
        one["metadata"]["annotations"] = {"notes": "n" * 200_000}
    client = FakeClient(answers(*pods))

    (shop,) = ask(client).namespaces

    assert shop.counts.pods == 60
    limits = [query["limit"] for path, query in client.asked if path.endswith("/shop/pods")]
    assert limits[:2] == ["50", "12"]


def test_a_list_that_was_forgotten() -> None:
    """A list that the API server does not go on with is begun anew, and nothing counts twice."""
    pods = {"items": [of_deployment("cart", f"{number:05}") for number in range(120)]}
    refusals = iter([ApiError(410, "Expired", "too old")])

    def answer(query: Json) -> Json | Exception:
        return next(refusals, None) or pods if "continue" in query else pods

    (shop,) = ask(FakeClient(answers(pods=answer))).namespaces

    assert shop.counts.pods == 120


def test_a_list_that_is_always_forgotten() -> None:
    """What is forgotten again and again is said to be unread, and what was seen is shown."""
    pods = {"items": [of_deployment("cart", f"{number:05}") for number in range(120)]}

    def answer(query: Json) -> Json | Exception:
        return ApiError(410, "Expired", "too old") if "continue" in query else pods

    found = ask(FakeClient(answers(pods=answer)))

    assert [(one.what, one.why) for one in found.unread] == [("pods of shop", "too old")]
    assert found.namespaces[0].counts.pods == 50


def test_pods_elsewhere() -> None:
    """Pods that their own label opts in count in other namespaces, and once only."""
    own: Json = {LABEL: "enabled"}
    one, two, there = (
        pod(name="one", labels=own),
        pod(name="two", labels=own),
        pod(name="there", labels=own),
    )
    one["metadata"]["namespace"] = two["metadata"]["namespace"] = "bank"
    everywhere = {"items": [one, there, two]}
    bank = {"/api/v1/namespaces/bank": namespace("bank")}
    client = FakeClient(answers(there, everywhere=everywhere) | bank)

    found = ask(client)

    assert [(n.name, n.opted_in, n.counts.pods) for n in found.namespaces] == [
        ("bank", False, 2),
        ("shop", True, 1),
    ]
    (query,) = (query for path, query in client.asked if path == "/api/v1/pods")
    assert query["labelSelector"] == OPTED_IN
    assert sum(path == "/api/v1/namespaces/bank" for path, _ in client.asked) == 1
    assert found.namespaces[0].workloads[0].causes == {Cause.UNKNOWN: 1}


def test_chosen_namespaces() -> None:
    """With -n nothing but those namespaces is read, whether opted in or not."""
    other = {
        "/api/v1/namespaces/bank": namespace("bank"),
        "/api/v1/namespaces/bank/pods": {"items": []},
    }
    client = FakeClient(answers(injected(pod())) | other)

    found = ask(client, "shop", "bank", "shop")

    assert [(one.name, one.counts.pods) for one in found.namespaces] == [("bank", 0), ("shop", 1)]
    assert [one.message for one in found.findings] == [
        "bank is not opted in: kubectl label namespace bank spanhook.dev/instrument=enabled"
    ]
    assert found.healthy
    paths = [path for path, _ in client.asked]
    assert "/api/v1/namespaces" not in paths
    assert "/api/v1/pods" not in paths
    assert paths.count("/api/v1/namespaces/shop/pods") == 1


def test_a_namespace_that_is_not_there() -> None:
    """A name that was mistyped is not an empty namespace."""
    with pytest.raises(InputError, match='no namespace "shpo"'):
        ask(FakeClient(answers()), "shop", "shpo")


def test_config_maps() -> None:
    """ConfigMaps that containers take variables from decide here too, and are read once each."""
    pods = [of_deployment("cart", f"{number:05}") for number in range(3)]
    for one in pods:
        one["spec"]["containers"][0]["envFrom"] = [
            {"configMapRef": {"name": "vars"}},
            {"configMapRef": {"name": "gone"}},
        ]
    path = "/api/v1/namespaces/shop/configmaps/vars"
    off = {path: {"data": {"OTEL_SDK_DISABLED": "true"}}}
    client = FakeClient(answers(*pods) | off)

    found = ask(client)

    (cart,) = found.namespaces[0].workloads
    assert [one.reason for one in cart.containers] == ["SdkDisabled"]
    assert sum(asked == path for asked, _ in client.asked) == 1
    assert found.unread == ()


def test_a_namespace_that_no_entry_selects() -> None:
    """The namespace's own labels decide whether its pods are sent."""
    lost = installation().configuration
    assert isinstance(lost, dict)
    (first, second) = lost["webhooks"]
    but = {"key": "team", "operator": "NotIn", "values": ["shop"]}
    first["namespaceSelector"]["matchExpressions"] = [but]
    shop = namespace("shop", "enabled")
    shop["metadata"]["labels"]["team"] = "shop"

    found = ask(FakeClient(answers(configuration=lost, namespaces={"items": [shop]})))

    assert second["name"] == "pods.spanhook.dev"
    assert not found.namespaces[0].reached
    assert any("selects the namespace shop" in one.message for one in found.findings)


def test_a_few_at_a_time() -> None:
    """Of many namespaces a few are read at a time, and all are."""
    spaces = [namespace(f"team-{number:03}", "enabled") for number in range(40)]
    running = most = 0

    class Slow(FakeClient):
        async def read(self, path: str, **query: str) -> bytes:
            nonlocal running, most
            running += 1
            most = max(most, running)
            await asyncio.sleep(0)
            running -= 1
            return await super().read(path, **query)

    empty: Json = {f"/api/v1/namespaces/team-{n:03}/pods": {"items": []} for n in range(40)}
    found = ask(Slow(answers(namespaces={"items": spaces}) | empty))

    assert len(found.namespaces) == 40
    assert most <= 8


def test_query() -> None:
    """What is asked for selects on the server's side."""
    client = FakeClient(answers())
    ask(client)

    queries = dict(client.asked)
    leases = f"/apis/coordination.k8s.io/v1/namespaces/{SYSTEM}/leases"
    assert queries[leases] == {"labelSelector": "spanhook.dev/component=webhook-replica"}
    assert queries["/api/v1/namespaces"]["labelSelector"] == OPTED_IN
    assert "involvedObject.name=spanhook-settings" in queries[f"{SPACE}/events"]["fieldSelector"]
