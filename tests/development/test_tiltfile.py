"""What `tilt up` would do, as far as a Tiltfile can be looked at without Tilt and Docker."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.cluster import Cluster
from tests.development.tilt import Build, Tilt, selector
from tests.manifests.installation import ROOT, kubectl
from webhook.settings import VERSION, image

WORKLOADS = {"Deployment", "DaemonSet"}
OURS = {"spanhook-webhook", "spanhook-node-agent"}
WEBHOOK = "ghcr.io/spanhook/webhook"


@pytest.fixture(scope="module")
def tilt(api: Cluster) -> Tilt:
    """The Tiltfile, evaluated on kind's cluster; kustomize is the real one."""
    context = f"kind-{YAML(typ='safe').load(ROOT / 'kind.yaml')['name']}"
    made = Tilt(ROOT, context, lambda path: kubectl(api, "kustomize", str(path)))
    made.evaluate()
    return made


def stages(build: Build) -> dict[str, tuple[str, list[str]]]:
    """Of a Dockerfile: stages by name, each with what it is made from and its instructions."""
    found: dict[str, tuple[str, list[str]]] = {}
    name = ""
    text = re.sub(r"\\\n", " ", build.dockerfile.read_text())
    for line in text.splitlines():
        if start := re.match(r"FROM (\S+)(?: AS (\S+))?", line):
            name = start[2] or f"stage {len(found)}"
            found[name] = (start[1], [])
        elif name and line and not line.startswith("#"):
            found[name][1].append(line.strip())
    return found


def needed(build: Build) -> list[tuple[str, list[str]]]:
    """The stages that the target is made from, directly or not."""
    known = stages(build)
    open_, seen = [build.target or list(known)[-1]], []
    while open_:
        name = open_.pop()
        if name not in known or name in seen:
            continue
        seen.append(name)
        parent, lines = known[name]
        open_ += [parent, *re.findall(r"--from=(\S+)", "\n".join(lines))]
    return [known[name] for name in seen]


def copied(build: Build) -> set[Path]:
    """What the build takes from its context."""
    lines = [line for _, lines in needed(build) for line in lines if line.startswith("COPY ")]
    words = (
        [word for word in line.split()[1:] if not word.startswith("--")]
        for line in lines
        if "--from=" not in line
    )
    return {path for *sources, _ in words for one in sources for path in build.context.glob(one)}


def workloads(tilt: Tilt) -> dict[str, Any]:
    """Deployments and the DaemonSet, by name."""
    return {
        one["metadata"]["name"]: one["spec"]["template"]["spec"]
        for one in tilt.documents
        if one["kind"] in WORKLOADS
    }


def test_every_image_of_ours_is_built(tilt: Tilt) -> None:
    """What the manifests start is built here, but the sidecar that is somebody else's."""
    images = {
        one["image"].rpartition(":")[0]
        for pod in workloads(tilt).values()
        for one in pod["containers"]
    }

    assert images - {build.ref for build in tilt.builds} == {"envoyproxy/envoy"}
    assert {build.ref for build in tilt.builds} <= images


def test_builds_have_what_they_copy(tilt: Tilt) -> None:
    """Dockerfiles and targets exist, and `only` leaves out nothing that a stage copies."""
    for build in tilt.builds:
        assert not build.target or build.target in stages(build)
        sources = copied(build)
        assert sources
        assert not build.only or sources == set(build.only)


def test_sources_go_where_the_image_has_them(tilt: Tilt) -> None:
    """Synchronised folders are those of the image, and the server then starts anew."""
    (build,) = (one for one in tilt.builds if one.ref == WEBHOOK)
    first, *middle, last = build.steps
    _, lines = stages(build)[build.target]
    pairs = {(step["from"], step["to"]) for step in middle}

    assert pairs == {
        (words[-2], words[-1])
        for line in lines
        if (words := line.split())[0] == "COPY" and words[-1].startswith("/app/")
    }
    assert {build.context / file for file in first["files"]} == {
        path for path in build.only if path.is_file()
    }
    assert last == {"step": "run", "cmd": "kill -HUP 1"}
    assert lines[-1].startswith('ENTRYPOINT ["again",')


def test_every_object_belongs_to_one_resource(tilt: Tilt) -> None:
    """Tilt refuses what it does not find or finds twice; nothing is left without a place."""
    services = {selector(one) for one in tilt.documents if one["kind"] == "Service"}
    by_itself = {selector(one) for one in tilt.documents if one["kind"] in WORKLOADS} | services
    named = Counter(name for one in (*tilt.workloads, *tilt.groups) for name in one.objects)

    assert set(named) == {selector(one) for one in tilt.documents} - by_itself
    assert set(named.values()) == {1}
    assert Counter(one.name for one in tilt.workloads) == Counter(workloads(tilt).keys())


def test_the_shop_waits_for_the_webhook(tilt: Tilt) -> None:
    """Its namespace is opted in; a pod that came earlier would stay without its agent."""
    resources = {one.name: one for one in (*tilt.workloads, *tilt.groups, *tilt.commands)}
    (namespace,) = (one for one in tilt.documents if selector(one) == "shop:namespace")
    agents = {one.name for one in tilt.commands}

    assert namespace["metadata"]["labels"]["spanhook.dev/instrument"] == "enabled"
    for one in resources.values():
        assert set(one.after) <= set(resources)
    for name in workloads(tilt).keys() - OURS:
        assert set(resources[name].after) >= {"spanhook-webhook", *agents}


def test_agents_are_put_on_the_nodes(tilt: Tilt) -> None:
    """Under the names that the webhook injects, by Dockerfiles that exist, into kind's cluster."""
    for one in tilt.commands:
        language = one.name.removeprefix("agent-")

        assert f"--file agents/{language}/Dockerfile --tag {image(language)} ." in one.command
        assert one.command.endswith(f"kind load docker-image --name spanhook {image(language)}")
        assert (ROOT / "agents" / language / "Dockerfile").is_file()
        assert all(path.is_dir() for path in one.paths)
    assert {one.name for one in tilt.commands} == {
        f"agent-{file.parent.name}" for file in (ROOT / "agents").glob("*/Dockerfile")
    }
    assert image("java").endswith(VERSION)


def test_forwarded_ports_are_open(tilt: Tilt) -> None:
    """Each leads to a port of a container, and no two begin at one."""
    pods = workloads(tilt)
    for one in tilt.workloads:
        ports = {
            port["containerPort"]
            for container in pods[one.name]["containers"]
            for port in container.get("ports", ())
        }
        assert {there for _, there in one.ports} <= ports
    here = [port for one in tilt.workloads for port, _ in one.ports]

    assert sorted(here) == [8080, 8081, 8443, 9464]
