import json
from collections.abc import Iterator
from typing import Any

import pytest

from demo.runtimes.model import APPS
from demo.workloads import MANIFESTS, Document, read, sort

_MANIFESTS = read()
_NAMES = [deployment["metadata"]["name"] for deployment in _MANIFESTS.deployments]

each_deployment = pytest.mark.parametrize("deployment", _MANIFESTS.deployments, ids=_NAMES)


def _containers(deployment: Document) -> list[Any]:
    containers: list[Any] = deployment["spec"]["template"]["spec"]["containers"]
    return containers


def test_the_shop_is_complete() -> None:
    """Five Deployments, each with a Service of its name and an application."""
    services = {service["metadata"]["name"] for service in _MANIFESTS.services}

    assert sorted(_NAMES) == ["cart", "exchange", "prices", "stock", "storefront"]
    assert services == set(_NAMES) == {path.name for path in APPS.iterdir()}


def test_the_namespace_is_opted_in() -> None:
    """The manifests say themselves that the shop is to be instrumented."""
    text = (MANIFESTS / "00-namespace.yaml").read_text()

    assert "spanhook.dev/instrument: enabled" in text
    assert "pod-security.kubernetes.io/enforce: restricted" in text


@each_deployment
def test_pods_pass_the_restricted_standard(deployment: Document) -> None:
    """As the namespace enforces it."""
    spec = deployment["spec"]["template"]["spec"]

    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    for container in _containers(deployment):
        assert container["securityContext"]["allowPrivilegeEscalation"] is False
        assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
        assert container["resources"]["limits"]["memory"]


@each_deployment
def test_references_exist(deployment: Document) -> None:
    """Every key of a ConfigMap that a pod reads is there."""
    for container in _containers(deployment):
        for source in container.get("envFrom", ()):
            assert source["configMapRef"]["name"] in _MANIFESTS.config_maps
        for entry in container.get("env", ()):
            if key := entry.get("valueFrom", {}).get("configMapKeyRef"):
                assert key["key"] in _MANIFESTS.config_maps[key["name"]]


def test_the_decisions_have_different_evidence() -> None:
    """One shop shows a merge, a command of the manifest, a sidecar and an `envFrom`."""
    containers = {c["name"]: c for d in _MANIFESTS.deployments for c in _containers(d)}
    names = {name: [e["name"] for e in c.get("env", ())] for name, c in containers.items()}

    assert containers["cart"]["command"] == ["gunicorn"]
    assert containers["cart"]["envFrom"]
    assert "command" not in containers["prices"]
    assert "JAVA_TOOL_OPTIONS" in names["prices"]
    assert "NODE_OPTIONS" in names["storefront"]
    assert "envoy" in containers


def _sources() -> Iterator[tuple[str, str]]:
    left_out = {"node_modules", "package-lock.json", "requirements.txt"}
    for path in sorted(APPS.rglob("*")):
        if path.is_file() and not left_out.intersection(path.relative_to(APPS).parts):
            yield str(path.relative_to(APPS)), path.read_text()


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in _sources()])
def test_the_applications_know_nothing_of_telemetry(text: str) -> None:
    """Not a line: everything comes from outside."""
    lowered = text.lower()

    for word in ("opentelemetry", "otel", "traceparent", "tracing", "spanhook"):
        assert word not in lowered


def test_the_lock_files_pin_hashes_and_no_addresses() -> None:
    """Whoever installs chooses where from."""
    lock = json.loads((APPS / "storefront" / "package-lock.json").read_text())
    packages = [package for name, package in lock["packages"].items() if name]

    assert packages
    assert all("integrity" in package and "resolved" not in package for package in packages)
    assert "--hash=sha256:" in (APPS / "cart" / "requirements.txt").read_text()


def test_documents_of_other_kinds_are_passed_over() -> None:
    """A Namespace or a Secret without data does no harm."""
    documents = [
        {"kind": "Namespace", "metadata": {"name": "n"}},
        {"kind": "Secret", "metadata": {"name": "s"}},
        {"kind": "Secret", "metadata": {"name": "t"}, "stringData": {"k": "v"}},
    ]

    assert sort(documents).secrets == {"s": {}, "t": {"k": "v"}}
