"""Against a real API server: requests, refusals, and a watch whose place is forgotten."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, TypeVar

import msgspec
import pytest

from kube.client import SILENCE, Client, connect
from kube.errors import ApiError, KubeError
from kube.paths import path
from kube.reflector import Reflector
from tests.cluster import Cluster
from tests.waiting import eventually

T = TypeVar("T")

Until = Callable[[Callable[[], bool], str], Awaitable[None]]

PATIENCE = 60.0


def ask(api: Cluster, use: Callable[[Client], Awaitable[T]]) -> T:
    """What a client of the cluster gets."""

    async def run() -> T:
        async with connect(api.kubeconfig) as client, asyncio.timeout(PATIENCE):
            return await use(client)

    return asyncio.run(run())


def config_map(name: str, **data: str) -> dict[str, Any]:
    """A ConfigMap."""
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


def test_an_objects_life(api: Cluster) -> None:
    """Created, read, replaced, patched in both ways, applied, deleted."""

    async def live(client: Client) -> list[Any]:
        maps = path("v1", "configmaps", namespace=namespace)
        one = path("v1", "configmaps", namespace=namespace, name="m")
        created = await client.create(maps, config_map("m", a="1"))
        states = [created["data"], (await client.get(one))["data"]]
        states.append((await client.replace(one, {**created, "data": {"a": "2"}}))["data"])
        states.append((await client.merge(one, {"data": {"b": "3"}}))["data"])
        change = {"op": "remove", "path": "/data/a"}
        states.append((await client.patch(one, [change]))["data"])
        states.append((await client.apply(one, config_map("m", c="4")))["data"])
        states.append((await client.get(maps, fieldSelector="metadata.name=m"))["items"][0]["data"])
        states.append((await client.delete(one))["status"])
        return states

    with api.namespace() as namespace:
        states = ask(api, live)

    last = {"b": "3", "c": "4"}
    assert states[:5] == [{"a": "1"}, {"a": "1"}, {"a": "2"}, {"a": "2", "b": "3"}, {"b": "3"}]
    assert states[5:] == [last, last, "Success"]


def test_refusals(api: Cluster) -> None:
    """What is not there, what is there already, and what has changed meanwhile."""

    async def provoke(client: Client) -> list[ApiError]:
        maps = path("v1", "configmaps", namespace=namespace)
        one = path("v1", "configmaps", namespace=namespace, name="m")
        created = await client.create(maps, config_map("m"))
        stale = {**created, "data": {"a": "1"}}
        await client.replace(one, stale)
        calls = (
            client.get(path("v1", "configmaps", namespace=namespace, name="none")),
            client.create(maps, config_map("m")),
            client.replace(one, stale),
            client.create(maps, config_map("Not A Name")),
        )
        errors = await asyncio.gather(*calls, return_exceptions=True)
        return [error for error in errors if isinstance(error, ApiError)]

    with api.namespace() as namespace:
        errors = ask(api, provoke)

    assert [(error.status, error.reason) for error in errors] == [
        (404, "NotFound"),
        (409, "AlreadyExists"),
        (409, "Conflict"),
        (422, "Invalid"),
    ]
    assert 'configmaps "none" not found' in errors[0].message


def test_forbidden(api: Cluster) -> None:
    """An account without rights is told so, and we tell it from an API server that is away."""

    async def look(client: Client) -> None:
        await client.get(path("v1", "secrets"))

    with api.namespace() as namespace:
        kubeconfig = api.token_kubeconfig("default", namespace)

        async def run() -> None:
            async with connect(kubeconfig) as client:
                assert client.namespace == namespace
                await look(client)

        with pytest.raises(ApiError) as caught:
            asyncio.run(run())

    assert caught.value.forbidden


def test_its_time(api: Cluster) -> None:
    """An API server says what time it is there, in refusals too."""

    async def look(client: Client) -> bool:
        with pytest.raises(ApiError):
            await client.get(path("v1", "namespaces", name="none"))
        return client.time is not None

    assert ask(api, look)


@asynccontextmanager
async def following(reflector: Reflector[Any]) -> AsyncIterator[Until]:
    """A reflector that runs; what is given waits for a condition, or for the reflector's end."""
    task = asyncio.create_task(reflector.run())

    def holds(condition: Callable[[], bool]) -> bool:
        if task.done():
            task.result()
        return condition()

    async def until(condition: Callable[[], bool], what: str) -> None:
        await eventually(lambda: holds(condition), what)

    try:
        yield until
    finally:
        task.cancel()


class _Metadata(msgspec.Struct):
    name: str


class Named(msgspec.Struct):
    """What is read of an object."""

    metadata: _Metadata


class Forgetful:
    """A client whose first watch begins where the API server has long forgotten."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.lists = 0
        self.watches: list[str] = []

    async def read(self, path: str, **query: str) -> bytes:
        """A page of a single object, which this collection does not need."""
        raise NotImplementedError

    async def read_at_most(self, most: int, path: str, **query: str) -> bytes:
        """A list, counted."""
        self.lists += 1
        return await self._client.read_at_most(most, path, **query)

    def stream(
        self, path: str, *, silence: float = SILENCE, **query: str
    ) -> AbstractAsyncContextManager[AsyncGenerator[bytes, None]]:
        """A watch, the first one from resourceVersion 1."""
        if not self.watches:
            query["resourceVersion"] = "1"
        self.watches.append(query["resourceVersion"])
        return self._client.stream(path, silence=silence, **query)


class Names(set[str]):
    """The names of all objects."""

    def replaced(self, objects: Any) -> None:
        """All."""
        self.clear()
        self.update(one.metadata.name for one in objects)

    def changed(self, item: Named) -> None:
        """One."""
        self.add(item.metadata.name)

    def removed(self, item: Named) -> None:
        """One less."""
        self.discard(item.metadata.name)


def test_a_watch_whose_place_is_forgotten(api: Cluster) -> None:
    """The API server's own 410 leads to a new list, and from there on changes arrive."""
    told: list[KubeError | None] = []
    names = Names()

    async def follow(client: Client) -> Forgetful:
        maps = path("v1", "configmaps", namespace=namespace)
        source = Forgetful(client)
        reflector = Reflector(source, maps, Named, names, told=told.append)
        async with following(reflector) as until:
            await until(lambda: len(source.watches) == 2, "it watches anew")
            await client.create(maps, config_map("late"))
            await until(lambda: "late" in names, "a change arrives")
        return source

    # The API server has to have a past: a new one still knows its first moments.
    api.restart_api_server()
    with api.namespace() as namespace:
        source = ask(api, follow)

    assert source.lists == 2
    assert told == []


def test_large_objects(api: Cluster) -> None:
    """Objects near the largest that there can be are read a few at a time."""
    names = Names()
    data = {"a": "x" * 900_000}

    async def follow(client: Client) -> None:
        maps = path("v1", "configmaps", namespace=namespace)
        for number in range(12):
            await client.create(maps, config_map(f"m{number}", **data))
        reflector = Reflector(client, maps, Named, names)
        async with following(reflector) as until:
            await until(lambda: reflector.synced, "all is read")

    with api.namespace() as namespace:
        ask(api, follow)

    assert {f"m{number}" for number in range(12)} <= names


def test_more_than_a_page(api: Cluster) -> None:
    """A collection of several pages is read whole, and its changes follow."""
    wanted = {f"m{number}" for number in range(120)}
    names = Names()

    async def follow(client: Client) -> None:
        maps = path("v1", "configmaps", namespace=namespace)
        await asyncio.gather(*(client.create(maps, config_map(name)) for name in wanted))
        reflector = Reflector(client, maps, Named, names, field_selector="metadata.name!=m7")
        async with following(reflector) as until:
            await until(lambda: reflector.synced, "all is read")
            await client.delete(path("v1", "configmaps", namespace=namespace, name="m5"))
            await until(lambda: "m5" not in names, "a change arrives")

    with api.namespace() as namespace:
        ask(api, follow)

    assert wanted - {"m5", "m7"} == names - {"kube-root-ca.crt"}
