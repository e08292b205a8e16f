import asyncio
from secrets import token_hex
from typing import Any

import pytest

from kube.client import connect
from kube.errors import ApiError, Unreachable
from nodeagent.cluster.agent import NodeAgent
from nodeagent.cluster.directory import Directory
from nodeagent.cluster.options import Options
from nodeagent.cluster.settings import KEY, SettingsObject, SettingsWatch
from nodeagent.kernel.errors import CompilerError
from nodeagent.tracing.tracer import Tracer
from tests.cluster import Cluster
from tests.nodeagent.cluster.objects import PLACE, UID, namespace, pod
from tests.waiting import eventually
from webhook.names import SETTINGS
from webhook.server.settings import salvage
from webhook.settings import Settings

_ALL = Settings()
_SOME = Settings(sampling_ratio=0.5)


class _Stage:
    def __init__(self) -> None:
        self.taken: list[Settings] = []
        self.said: list[str] = []
        self.watch = SettingsWatch(salvage, self.taken.append, self.said.append)


@pytest.fixture(name="stage")
def fixture_stage() -> _Stage:
    """A watch of which nothing was heard yet."""
    return _Stage()


def _map(text: str | None = None, key: str = KEY) -> SettingsObject:
    return SettingsObject(None if text is None else {key: text})


def test_what_the_administrator_set_is_taken(stage: _Stage) -> None:
    """At the start, at each change, and the defaults once it is gone."""
    stage.watch.replaced([_map("samplingRatio: 0.5")])
    stage.watch.replaced([_map("samplingRatio: 0.5")])
    stage.watch.changed(_map("signals: [logs]"))
    stage.watch.removed(_map())

    assert stage.taken == [_SOME, Settings(signals=("logs",)), _ALL]


@pytest.mark.parametrize("objects", [[], [_map()], [_map("")]])
def test_without_data_the_defaults_hold(stage: _Stage, objects: list[SettingsObject]) -> None:
    """As the ConfigMap is shipped, and where there is none."""
    stage.watch.replaced(objects)

    assert stage.taken == [_ALL]
    assert stage.said == []


@pytest.mark.parametrize("edit", [_map("samplingRatio: many"), _map("x", "other.yaml"), _map("[")])
def test_an_invalid_edit_keeps_what_was(stage: _Stage, edit: SettingsObject) -> None:
    """And is said once."""
    stage.watch.replaced([_map("samplingRatio: 0.5")])
    stage.watch.changed(edit)
    stage.watch.replaced([edit])

    assert stage.taken == [_SOME]
    assert len(stage.said) == 1
    assert "the settings of before hold" in stage.said[0]


def test_at_the_start_the_right_fields_are_taken(stage: _Stage) -> None:
    """What is wrong in others does not count."""
    stage.watch.replaced([_map("{samplingRatio: 0.5, signals: 7}")])

    assert stage.taken == [_SOME]
    assert "signals" in stage.said[0]


def test_who_may_not_read_them_goes_by_the_defaults(stage: _Stage) -> None:
    """Said once; who was not answered waits, and what was read stays."""
    stage.watch.contact(Unreachable("away"))
    assert stage.taken == []
    stage.watch.contact(ApiError(403, "Forbidden", "no"))
    assert stage.taken == [_ALL]
    stage.watch.replaced([_map("samplingRatio: 0.5")])
    stage.watch.contact(ApiError(403, "Forbidden", "no"))

    assert stage.taken == [_ALL, _SOME]
    assert stage.said[1] == "settings: 403 Forbidden: no; the defaults hold"


def _traced(directory: Directory) -> bool | None:
    found = directory.container(PLACE, lambda: None)
    assert found is not None
    return found.verdict.traced if found.verdict is not None else None


def test_all_pods_are_judged_anew() -> None:
    """Before settings are known no container is; then each change counts for those that run."""
    directory = Directory(None)
    directory.namespaces.changed(namespace())
    directory.pods.changed(pod())
    directory.changes()
    assert directory.container(PLACE, lambda: None) is None

    found: list[Any] = []
    for settings in (_ALL, Settings(ignored_namespaces=("shop",)), Settings(signals=("logs",))):
        directory.take(settings)
        assert directory.changes() == {UID}
        found.append(_traced(directory))
    directory.take(Settings(signals=("logs",)))

    assert found == [True, None, False]
    assert directory.changes() == set()


def _none() -> Tracer:
    raise CompilerError("bcc is missing")


def _settings_map(home: str, text: str) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": SETTINGS, "namespace": home},
        "data": {KEY: text},
    }


def test_at_a_real_api_server(api: Cluster) -> None:
    """The agent goes by the ConfigMap before it is ready, and by each change of it."""
    changed = Settings(ignored_namespaces=("shop",), endpoint="http://127.0.0.1:1")

    async def played(home: str) -> None:
        said: list[str] = []
        options = Options(
            f"node-{token_hex(4)}",
            None,
            host="127.0.0.1",
            port=0,
            salvage=salvage,
            namespace=home,
        )
        agent, stop = NodeAgent(options, said.append, _none), asyncio.Event()
        async with connect(api.kubeconfig) as client:
            running = asyncio.create_task(agent.until(stop, client))
            await eventually(lambda: any("ready on" in one for one in said), "it to be ready")
            assert agent._directory.settings == _SOME
            assert f"spans are sent to {Settings().endpoint}" in said
            text = "{ignoredNamespaces: [shop], endpoint: 'http://127.0.0.1:1'}"
            await asyncio.to_thread(api.apply, _settings_map(home, text))
            await eventually(lambda: agent._directory.settings != _SOME, "the change")
            assert agent._directory.settings == changed
            assert "spans are sent to http://127.0.0.1:1" in said
            await asyncio.to_thread(api.apply, _settings_map(home, "ignoredNamespaces: 7"))
            await eventually(lambda: any("before hold" in one for one in said), "the complaint")
            assert agent._directory.settings == changed
            stop.set()
            await running

    with api.namespace() as home:
        api.apply(_settings_map(home, "samplingRatio: 0.5"))
        asyncio.run(played(home))


def test_it_is_ready_without_the_right_to_read_them(api: Cluster) -> None:
    """The defaults hold, in one line; pods are what it waits for."""

    async def played(options: Options, said: list[str]) -> list[str]:
        agent, stop = NodeAgent(options, said.append, _none), asyncio.Event()
        async with connect(options.kubeconfig) as client:
            running = asyncio.create_task(agent.until(stop, client))
            await eventually(lambda: any("settings: 403" in one for one in said), "the refusal")
            assert agent._directory.settings == _ALL
            await eventually(lambda: "tracing" not in "".join(agent._lacking()), "a try")
            lacking = agent._lacking()
            stop.set()
            await running
        return lacking

    with api.namespace() as home:
        nobody = api.token_kubeconfig("default", home)
        options = Options("node-1", "http://127.0.0.1:1", nobody, "127.0.0.1", 0, salvage=salvage)
        said: list[str] = []
        lacking = asyncio.run(played(options, said))

    assert sum("settings: " in one for one in said) == 1
    assert [one.partition(":")[0] for one in lacking] == ["pods", "namespaces"]
