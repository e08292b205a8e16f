"""Webhooks that add containers, before and after ours."""

import pytest

from tests.cluster.admission.pods import container, pod
from tests.cluster.admission.stored import (
    AFTER,
    BEFORE,
    RESOURCES,
    Json,
    Place,
    add_node,
    agents,
    created,
    loads,
    named,
)
from tests.cluster.admission.twins import Twins, taken_back
from tests.cluster.admission.webhook import Webhook
from tests.webhook.standards import effective


@pytest.mark.parametrize(("name", "calls"), [(BEFORE, 1), (AFTER, 2)])
def test_injector(pair: Twins, ours: Webhook, place: Place, name: str, calls: int) -> None:
    """A container that another webhook adds is instrumented, by a second call if it came later."""
    place(name, add_node)
    before = ours.calls()
    # With a token, the API server's own plug-in mounts it into the new container: a change too.
    one = created(pair, container(resources=RESOURCES), automountServiceAccountToken=False)

    assert ours.calls() - before == calls
    found = named(one)
    assert list(found) == ["app", "added"]
    assert loads(found["app"], "python")
    assert loads(found["added"], "nodejs")
    assert sorted(agents(one)) == ["nodejs", "python"]
    services = {
        entry["value"]
        for each in found.values()
        for entry in each["env"]
        if entry["name"] == "OTEL_SERVICE_NAME"
    }
    assert services == {"cart", "cart-added"}
    plain = pod(container(resources=RESOURCES))
    add_node(plain)
    for kind in ("requests", "limits"):
        assert effective(one, kind) == effective(plain, kind)


def test_injector_of_a_served_language(pair: Twins, ours: Webhook, place: Place) -> None:
    """A later container of a language that is there shares the agent's files."""

    def add_python(one: Json) -> None:
        if len(one["spec"]["containers"]) == 1:
            one["spec"]["containers"].append(container("added"))

    place(AFTER, add_python)
    before = ours.calls()
    one = created(pair)

    assert ours.calls() - before == 2
    assert agents(one) == ["python"]
    assert all(loads(each, "python") for each in named(one).values())


def test_injector_in_front(pair: Twins, place: Place) -> None:
    """A container that goes to the front of the list shifts what we did, and nothing is lost."""

    def insert(one: Json) -> None:
        if one["spec"]["containers"][0]["name"] != "first":
            one["spec"]["containers"].insert(0, container("first", "java"))

    place(AFTER, insert)
    one = created(pair)

    assert list(named(one)) == ["first", "app"]
    assert loads(named(one)["first"], "java")
    assert loads(named(one)["app"], "python")


def test_known_sidecar(pair: Twins, ours: Webhook, place: Place) -> None:
    """A mesh's proxy is left alone; its own init container stands where the mesh put it."""

    def mesh(one: Json) -> None:
        if "istio-proxy" in [found["name"] for found in one["spec"]["containers"]]:
            return
        image = "istio/proxyv2:1.29.0"
        one["spec"]["containers"].append({"name": "istio-proxy", "image": image})
        init = one["spec"].setdefault("initContainers", [])
        init.insert(0, {"name": "istio-init", "image": image})

    place(AFTER, mesh)
    before = ours.calls()
    one = created(pair)

    assert ours.calls() - before == 2
    assert list(named(one, "initContainers")) == ["istio-init", "spanhook-agent-python"]
    proxy = named(one)["istio-proxy"]
    assert "env" not in proxy
    assert not any("spanhook" in mount["mountPath"] for mount in proxy["volumeMounts"])
    assert loads(named(one)["app"], "python")


def test_taken_back_after_an_injector(pair: Twins, place: Place) -> None:
    """What came of two calls is taken back as one."""
    place(AFTER, add_node)
    bare = taken_back(created(pair, container(resources=RESOURCES)))

    assert list(named(bare)) == ["app", "added"]
    assert not any("spanhook" in mount["mountPath"]
                   for each in named(bare).values() for mount in each["volumeMounts"])  # fmt: skip
    assert "initContainers" not in bare["spec"]
    assert all("env" not in each for each in named(bare).values())
