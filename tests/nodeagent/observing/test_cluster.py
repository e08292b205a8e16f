"""Against a real API server: two nodes that write about the same workload."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kube.client import connect
from nodeagent.observing.application import Owner, Seen, Workload
from nodeagent.observing.observation import Observation
from nodeagent.observing.reporter import MANAGER, Reporter
from tests.cluster import Cluster, cluster
from tests.cluster.definitions import define
from tests.manifests.installation import MANIFESTS
from tests.nodeagent.observing.test_document import JAVA, seen
from tests.waiting import eventually

NAME = "deployment-cart"
KIND = "instrumentedapplications"


@pytest.fixture(name="shop")
def _shop(api: Cluster) -> Iterator[str]:
    """A namespace in a cluster that has the definition."""
    define(api)
    with api.namespace() as name:
        yield name


def _found(api: Cluster, shop: str) -> dict[str, Any]:
    return api.get(KIND, NAME, shop) or {}


def _of(shop: str, one: Seen) -> Seen:
    return replace(one, workload=Workload(shop, "Deployment", "cart"))


async def _write(api: Cluster, *nodes: tuple[Seen, ...], kubeconfig: Path | None = None) -> None:
    """Each node writes what it saw, all of them at the same time."""
    async with connect(kubeconfig or api.kubeconfig) as client:
        reporters = [Reporter(client, f"node-{n}", settle=0.0) for n in range(len(nodes))]
        tasks = [asyncio.create_task(one.run()) for one in reporters]
        for reporter, found in zip(reporters, nodes, strict=True):
            for one in found:
                reporter.put(one)
        done = [one.counts for one in reporters]
        await eventually(
            lambda: all(one["written"] + one["unchanged"] for one in done) or None,
            "every node has written",
        )
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


def test_nodes_keep_each_others_entries(api: Cluster, shop: str) -> None:
    """Whoever comes second adds to what is there; both lists hold what both saw."""
    worker = Observation("nodejs", "22.4.1", "musl", process_name="node")
    nodes = [(_of(shop, seen(n)), _of(shop, seen(n, "web", worker))) for n in range(3)]

    asyncio.run(_write(api, *nodes))

    found = _found(api, shop)
    for entries in (found["spec"]["languages"], found["status"]["observations"]):
        assert len({(one["containerName"], one["digest"]) for one in entries}) == 6
    assert found["status"]["summary"] == "app: java 21.0.4, web: nodejs 22.4.1"
    managers = {(one["manager"], one["operation"]) for one in found["metadata"]["managedFields"]}
    assert managers == {(MANAGER, "Apply"), (MANAGER, "Update")}


def test_an_entry_changes_and_another_goes(api: Cluster, shop: str) -> None:
    """What is no longer in what is applied is gone: nobody else holds on to it."""
    asyncio.run(_write(api, (_of(shop, seen(1)), _of(shop, seen(2)))))
    old = {"status": {"observations": _aged(_found(api, shop))}}
    assert api.patch(KIND, NAME, old, shop, subresource="status").status == 200
    nginx = Observation(process_name="nginx")

    asyncio.run(_write(api, (_of(shop, seen(2, observation=nginx)),)))

    found = _found(api, shop)
    (language,), (observation,) = found["spec"]["languages"], found["status"]["observations"]
    assert (language["digest"], language.get("language")) == (seen(2).digest, None)
    assert "version" not in observation


def _aged(found: dict[str, Any]) -> list[dict[str, Any]]:
    return [one | {"lastSeen": "2020-01-01T00:00:00Z"} for one in found["status"]["observations"]]


def test_what_a_person_sees(api: Cluster, shop: str) -> None:
    """`kubectl get` says what each container runs."""
    asyncio.run(_write(api, (_of(shop, seen(1)), _of(shop, seen(1, "proxy", Observation())))))

    head, row = api.kubectl("get", "iapp", "-n", shop).stdout.splitlines()

    assert head.split() == ["NAME", "KIND", "WORKLOAD", "RUNS", "AGE"]
    assert row.split()[:3] == [NAME, "Deployment", "cart"]
    assert "app: java 21.0.4, proxy: ?" in row


def test_largest(api: Cluster, shop: str) -> None:
    """As much as can be seen is taken: etcd takes 1.5 MiB."""
    long = "x" * 5000
    probes = {f"{number}-{long}": long for number in range(200)}
    worst = replace(JAVA, command=(long,) * 20, agents=(long,) * 20, probes=probes)
    many = tuple(_of(shop, seen(number, observation=worst)) for number in range(64))

    asyncio.run(_write(api, many))

    found = _found(api, shop)
    assert len(found["status"]["observations"]) == 64
    assert len(msgspec.json.encode(found)) < 1_200_000


def test_gone_with_its_owner(api: Cluster, shop: str) -> None:
    """What controls the pods is named as owner, by uid, for the garbage collector."""
    owner = Owner("apps/v1", "ReplicaSet", "cart-1", "u-1")
    one = replace(_of(shop, seen()), owner=owner)

    asyncio.run(_write(api, (one,), (replace(one, owner=replace(owner, uid="u-2")),)))

    references = _found(api, shop)["metadata"]["ownerReferences"]
    assert {each["uid"] for each in references} == {"u-1", "u-2"}
    assert {each["kind"] for each in references} == {"ReplicaSet"}


def test_owners_that_may_not_be_changed(api: Cluster) -> None:
    """As in OpenShift: after a rollout the new image is written, the owners stay as they are."""
    assert api.url  # there can be one on this machine
    plugin = "--enable-admission-plugins=OwnerReferencesPermissionEnforcement"
    account = "spanhook-node-agent"
    with cluster(flags=(plugin,)) as server:
        define(server)
        folder = MANIFESTS / "base"
        files = ("service-account.yaml", "cluster-role.yaml")
        server.apply(folder / "namespace-node.yaml", *(folder / "node-agent" / f for f in files))
        ours = server.token_kubeconfig(account, "spanhook-node")
        with server.namespace() as shop:
            for number in (1, 2):
                owner = Owner("apps/v1", "ReplicaSet", f"cart-{number}", f"u-{number}")
                one = replace(_of(shop, seen(number)), owner=owner)
                asyncio.run(_write(server, (one,), kubeconfig=ours))
            found = _found(server, shop)

    for entries in (found["spec"]["languages"], found["status"]["observations"]):
        assert [one["digest"] for one in entries] == [seen(1).digest, seen(2).digest]
    assert [one["uid"] for one in found["metadata"]["ownerReferences"]] == ["u-1"]
