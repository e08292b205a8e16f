"""Webhooks that change what is there, before and after ours."""

import re

import pytest

from tests.cluster.admission.others import dead
from tests.cluster.admission.pods import container
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
from tests.cluster.admission.twins import Twins, is_injected
from tests.cluster.admission.webhook import Webhook
from webhook.images.reference import canonical


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
