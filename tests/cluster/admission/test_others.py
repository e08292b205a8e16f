"""Other webhooks before and after ours, and what the API server calls again."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.cluster.admission.others import Change, Other, dead, other
from tests.cluster.admission.pods import container, pod
from tests.cluster.admission.twins import Twins, is_injected, taken_back
from tests.cluster.admission.webhook import Webhook
from tests.webhook.standards import effective
from webhook.images.reference import canonical

Json = dict[str, Any]
Place = Callable[..., Other]

BEFORE, AFTER = "aaa-other", "zzz-other"
"""Names in whose order the API server calls; ours lies between them."""

RESOURCES = {"requests": {"cpu": "100m", "memory": "300Mi"}, "limits": {"memory": "600Mi"}}


@pytest.fixture(name="place")
def fixture_place(pair: Twins, tmp_path: Path) -> Iterator[Place]:
    """Puts another webhook beside ours; it is gone after the test."""
    with ExitStack() as stack:

        def place(name: str, change: Change, **fields: Any) -> Other:
            made = other(pair.cluster, tmp_path, name, pair.served, change, **fields)
            return stack.enter_context(made)

        yield place


def created(pair: Twins, *containers: Json, **spec: Any) -> Json:
    """A pod as it is stored where our webhook serves."""
    answer = pair.cluster.create(pod(*containers, **spec), namespace=pair.served)
    assert answer.status == 201, answer.message
    return answer.body


def named(one: Json, section: str = "containers") -> dict[str, Json]:
    """The containers by name."""
    found = one["spec"].get(section) or ()
    names = {container["name"]: container for container in found}
    assert len(names) == len(found)
    return names


def agents(one: Json) -> list[str]:
    """The languages whose agent is copied, in the order of the init containers."""
    prefix = "spanhook-agent-"
    names = named(one, "initContainers")
    return [name.removeprefix(prefix) for name in names if name.startswith(prefix)]


def loads(one: Json, language: str) -> bool:
    """Whether a container mounts the agent of a language, once."""
    mounts = [mount["mountPath"] for mount in one["volumeMounts"]]
    return mounts.count(f"/spanhook/{language}") == 1


# A sidecar injector.


def add_node(one: Json) -> None:
    """Add a container that runs Node.js, once."""
    if "added" not in [found["name"] for found in one["spec"]["containers"]]:
        one["spec"]["containers"].append(container("added", "nodejs", resources=RESOURCES))


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


# Webhooks that change what is there.


def reverse(one: Json) -> None:
    """Turn the order of containers, init containers, volumes and variables round, once."""
    annotations = one["metadata"].setdefault("annotations", {})
    if "reversed" in annotations:
        return
    annotations["reversed"] = "yes"
    for section in ("containers", "initContainers", "volumes"):
        one["spec"].get(section, []).reverse()


@pytest.mark.parametrize("name", [BEFORE, AFTER])
def test_reordering(pair: Twins, place: Place, name: str) -> None:
    """Whoever reorders containers takes nothing of ours away, and nothing comes twice."""
    place(name, reverse)
    one = created(pair, container(), container("web", "nodejs"), container("db", "java"))

    found = named(one)
    assert list(found) == ["db", "web", "app"]
    languages = {"db": "java", "web": "nodejs", "app": "python"}
    assert all(loads(found[name], language) for name, language in languages.items())
    assert sorted(agents(one)) == ["java", "nodejs", "python"]
    assert len(one["spec"]["volumes"]) == 4  # and the service account's token


def mirror(one: Json) -> None:
    """Take every image from a mirror that keeps the names of registries."""
    for section in ("containers", "initContainers"):
        for found in one["spec"].get(section, ()):
            if not found["image"].startswith("mirror.example/"):
                found["image"] = f"mirror.example/{canonical(found['image'])}"


@pytest.mark.parametrize("name", [BEFORE, AFTER])
def test_mirror(pair: Twins, place: Place, name: str) -> None:
    """A mirror's images are recognised, ours may come from it too, and nothing comes twice."""
    place(name, mirror, reinvocationPolicy="IfNeeded")
    one = created(pair)

    images = [
        found["image"]
        for section in ("containers", "initContainers")
        for found in named(one, section).values()
    ]
    assert images[0] == "mirror.example/docker.io/library/python:3.12"
    assert images[1].startswith("mirror.example/ghcr.io/spanhook/agent-python:")
    assert agents(one) == ["python"]
    assert loads(named(one)["app"], "python")


def add_variables(one: Json) -> None:
    """Give every container a variable, in front of its own."""
    for section in ("containers", "initContainers"):
        for found in one["spec"].get(section, ()):
            env = found.setdefault("env", [])
            if not any(entry["name"] == "TEAM" for entry in env):
                env.insert(0, {"name": "TEAM", "value": "shop"})


@pytest.mark.parametrize("name", [BEFORE, AFTER])
def test_variables(pair: Twins, place: Place, name: str) -> None:
    """Variables for all stand beside ours; references still follow what they refer to."""
    place(name, add_variables, reinvocationPolicy="IfNeeded")
    env = named(created(pair))["app"]["env"]

    names = [entry["name"] for entry in env]
    assert len(names) == len(set(names))
    assert "TEAM" in names
    for position, entry in enumerate(env):
        references = re.findall(r"\$\((\w+)\)", entry.get("value", ""))
        assert set(references) <= set(names[:position]), entry


def test_variables_of_ours(pair: Twins, place: Place) -> None:
    """A later webhook that sets a variable of ours for its own reasons has the last word."""

    def own_endpoint(one: Json) -> None:
        for found in one["spec"]["containers"]:
            for entry in found.get("env", ()):
                if entry["name"] == "OTEL_EXPORTER_OTLP_ENDPOINT":
                    entry["value"] = "http://elsewhere:4318"

    place(AFTER, own_endpoint, reinvocationPolicy="IfNeeded")
    env = {entry["name"]: entry for entry in named(created(pair))["app"]["env"]}

    assert env["OTEL_EXPORTER_OTLP_ENDPOINT"]["value"] == "http://elsewhere:4318"
    assert env["PYTHONPATH"]["value"] == "/spanhook/python"


def forget(one: Json) -> None:
    """Drop every annotation and label that is not known here."""
    one["metadata"]["annotations"] = {"known": "yes"}
    one["metadata"]["labels"] = {"known": "yes"}


@pytest.mark.parametrize("name", [BEFORE, AFTER])
def test_forgotten_marks(pair: Twins, ours: Webhook, place: Place, name: str) -> None:
    """Without our annotation and label a container is still known to be instrumented."""
    place(name, forget, reinvocationPolicy="IfNeeded")
    before = ours.calls()
    one = created(pair)

    assert ours.calls() - before == 2  # what it drops again after us is a change
    assert loads(named(one)["app"], "python")
    assert agents(one) == ["python"]
    names = [entry["name"] for entry in named(one)["app"]["env"]]
    assert len(names) == len(set(names))
    assert named(one)["app"]["env"][3]["value"] == "/spanhook/python"


@pytest.mark.parametrize("name", [BEFORE, AFTER])
def test_dead(pair: Twins, ours: Webhook, name: str) -> None:
    """A webhook that always fails open costs us nothing."""
    with dead(pair.cluster, name, pair.served) as failed:
        calls, failures = ours.calls(), failed()
        one = created(pair)

        assert failed() > failures
        assert ours.calls() - calls == 1
    assert is_injected(one)
    assert loads(named(one)["app"], "python")


def test_all_at_once(pair: Twins, ours: Webhook, place: Place) -> None:
    """Everybody together: each does its work, and we do ours once for each container."""
    place("aaa-mirror", mirror, reinvocationPolicy="IfNeeded")
    place("aab-variables", add_variables, reinvocationPolicy="IfNeeded")
    place("zzx-injector", add_node)
    place("zzy-reorder", reverse)
    place("zzz-forget", forget, reinvocationPolicy="IfNeeded")
    before = ours.calls()
    one = created(pair, container(resources=RESOURCES))

    found = named(one)
    assert ours.calls() - before == 2
    assert sorted(found) == ["added", "app"]
    assert loads(found["app"], "python")
    assert loads(found["added"], "nodejs")
    assert sorted(agents(one)) == ["nodejs", "python"]
    for each in found.values():
        names = [entry["name"] for entry in each["env"]]
        assert len(names) == len(set(names))
        assert "TEAM" in names


def test_taken_back_after_an_injector(pair: Twins, place: Place) -> None:
    """What came of two calls is taken back as one."""
    place(AFTER, add_node)
    bare = taken_back(created(pair, container(resources=RESOURCES)))

    assert list(named(bare)) == ["app", "added"]
    assert not any("spanhook" in mount["mountPath"]
                   for each in named(bare).values() for mount in each["volumeMounts"])  # fmt: skip
    assert "initContainers" not in bare["spec"]
    assert all("env" not in each for each in named(bare).values())
