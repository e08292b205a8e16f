"""Against a real API server: rights that lack, and an API server that is away."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cluster import Cluster
from tests.cluster.definitions import define
from tests.waiting import until
from tests.webhook.server.cluster.running import pod, running
from tests.webhook.server.serving import PATIENCE, first_line

SPANHOOK = str(Path(sys.executable).with_name("spanhook"))
LOST = 'spanhook_cache_connected{cache="namespaces"}'


@pytest.fixture
def own(api: Cluster) -> Iterator[str]:
    """The namespace of the webhook's own objects."""
    with api.namespace() as name:
        yield name


def rule(resources: str, *verbs: str, **more: list[str]) -> dict[str, Any]:
    """A rule of a role for resources of the core group."""
    return {"apiGroups": [""], "resources": [resources], "verbs": list(verbs), **more}


@pytest.fixture
def account(api: Cluster, own: str) -> Iterator[Path]:
    """The kubeconfig of an account that may read namespaces and its own settings, no more."""
    api.apply(
        {
            "apiVersion": "v1",
            "kind": "ServiceAccount",
            "metadata": {"name": "webhook", "namespace": own},
        },
        *role("namespaces", own, rule("namespaces", "list", "watch")),
        *role(
            "settings",
            own,
            rule("configmaps", "list", "watch", resourceNames=["spanhook-settings"]),
            namespace=own,
        ),
    )
    yield api.token_kubeconfig("webhook", own)
    for name in ("namespaces", "configmaps"):
        api.delete("clusterroles", f"{own}-{name}")
        api.delete("clusterrolebindings", f"{own}-{name}")


def role(
    name: str, own: str, *rules: dict[str, Any], namespace: str | None = None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """A role for our account and its binding, in a namespace or in the whole cluster."""
    group = "rbac.authorization.k8s.io"
    scope = "Role" if namespace else "ClusterRole"
    metadata = {"name": f"{own}-{name}", **({"namespace": namespace} if namespace else {})}
    return (
        {"apiVersion": f"{group}/v1", "kind": scope, "metadata": metadata, "rules": list(rules)},
        {
            "apiVersion": f"{group}/v1",
            "kind": f"{scope}Binding",
            "metadata": metadata,
            "roleRef": {"apiGroup": group, "kind": scope, "name": metadata["name"]},
            "subjects": [{"kind": "ServiceAccount", "name": "webhook", "namespace": own}],
        },
    )


def test_config_maps_that_may_not_be_read(
    api: Cluster, own: str, account: Path, tmp_path: Path
) -> None:
    """Ready all the same, every ConfigMap unknown, said everywhere; a right that is given heals."""
    one = pod(envFrom=[{"configMapRef": {"name": "jvm"}}])
    metadata = {"name": "jvm", "namespace": own}
    api.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"A": "b"}})
    with running(account, tmp_path, own) as webhook:
        assert webhook.ready().status == 200
        said = webhook.check("configmaps")
        assert said.startswith("ok; ConfigMaps may not be read")
        assert "403 Forbidden" in said
        assert webhook.metric('spanhook_cache_forbidden{cache="configmaps"}') == 1
        (warning,) = webhook.review(own, one).warnings
        assert 'ConfigMap "jvm" is not read' in warning

        api.apply(*role("configmaps", own, rule("configmaps", "list", "watch")))

        until(lambda: not webhook.review(own, one).warnings, "the ConfigMap is known")
        assert webhook.metric('spanhook_cache_forbidden{cache="configmaps"}') == 0


def test_namespaces_that_may_not_be_read(
    api: Cluster, own: str, account: Path, tmp_path: Path
) -> None:
    """Without its namespaces the webhook is not ready, and says which right it lacks."""
    api.delete("clusterrolebindings", f"{own}-namespaces")

    with running(account, tmp_path, own, wait=False) as webhook:
        until(lambda: "403" in webhook.check("namespaces"), "the cause is known")

        reply = webhook.ready()
        assert reply.status == 503
        assert "cannot list resource" in reply.json["checks"]["namespaces"]
        assert webhook.review("shop", pod()).decisions == "app=inject:java"


def test_an_api_server_that_is_away(api: Cluster, own: str, tmp_path: Path) -> None:
    """It goes on from what it knows, says so, and takes up what changed when it is there again."""
    annotated = {"spanhook.dev/signals": "traces"}
    exporter = "OTEL_METRICS_EXPORTER"
    with (
        api.namespace(annotations=annotated) as name,
        running(api.kubeconfig, tmp_path, own) as webhook,
    ):
        until(lambda: webhook.review(name, pod()).variable(exporter) == "none", "it is known")
        api.stop_api_server(seconds=1)
        try:
            until(lambda: webhook.metric(LOST) == 0, "the loss is noticed")
            assert webhook.review(name, pod()).variable(exporter) == "none"
            reply = webhook.ready()
            assert reply.status == 200
            assert "Cannot connect" in reply.json["checks"]["namespaces"]
        finally:
            api.start_api_server()
        api.patch("namespaces", name, {"metadata": {"annotations": None}})
        until(
            lambda: webhook.review(name, pod()).variable(exporter) == "otlp",
            "the change arrives",
            60,
        )
        until(lambda: webhook.metric(LOST) == 1, "the recovery is noticed", 60)


def test_started_before_its_api_server(api: Cluster, own: str, tmp_path: Path) -> None:
    """Not ready without having heard from the API server once, and alive; then ready by itself."""
    api.stop_api_server(seconds=1)
    try:
        with running(api.kubeconfig, tmp_path, own, wait=False) as webhook:
            until(lambda: "Cannot connect" in webhook.check("namespaces"), "the cause is known")
            assert webhook.ready().status == 503
            assert webhook.review("shop", pod()).decisions == "app=inject:java"
            api.start_api_server()
            until(lambda: webhook.ready().status == 200, "it is ready", 60)
            assert until(lambda: webhook.server.announced, "it says so") == [
                f"spanhook is ready at https://127.0.0.1:{webhook.server.port}/mutate"
            ]
    finally:
        if not webhook_has_its_server(api):
            api.start_api_server()


def webhook_has_its_server(api: Cluster) -> bool:
    """Whether the API server runs."""
    try:
        return api.api_server_pid > 0
    except LookupError:
        return False


def test_the_command(api: Cluster, own: str, tmp_path: Path) -> None:
    """`spanhook serve --kubeconfig` says when it is ready, and ends cleanly on SIGTERM."""
    define(api)
    command = [SPANHOOK, "serve", "--kubeconfig", str(api.kubeconfig), "--namespace", own]
    more = ["--port", "0", "--cert-dir", str(tmp_path / "certs"), "--log-format", "json"]
    said = tmp_path / "said"
    with (
        said.open("w") as output,
        subprocess.Popen(
            [*command, *more], stdout=output, stderr=subprocess.PIPE, text=True
        ) as process,
    ):
        try:
            line = first_line(process, said)
            process.send_signal(signal.SIGTERM)
            _, logged = process.communicate(timeout=PATIENCE)
        finally:
            process.kill()

    assert line.startswith("spanhook is ready at https://127.0.0.1:")
    assert process.returncode == 0
    lines = [json.loads(one) for one in logged.splitlines()]
    assert lines[0]["message"] == "listening"
    assert {one["level"] for one in lines} == {"info"}
