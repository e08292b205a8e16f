"""The component that lets the webhook read the pull secrets of pods."""

import re
import shutil
from pathlib import Path

import pytest

from tests.cluster import Cluster
from tests.cluster.documents import objects
from tests.manifests.installation import (
    MANIFESTS,
    NAMESPACES,
    ROOT,
    Object,
    find,
    kubectl,
    rendered,
)
from tests.manifests.rights import Right, granted
from tests.waiting import until
from webhook.server.settings import parse

COMPONENT = "components/pull-secrets"


@pytest.fixture
def things(api: Cluster, tmp_path: Path) -> tuple[Object, ...]:
    """The base with the component, as docs/images.md puts them together."""
    shutil.copytree(MANIFESTS, tmp_path / "spanhook" / "manifests")
    page = (ROOT / "docs" / "images.md").read_text()
    (block,) = (
        one for one in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL) if COMPONENT in one
    )
    (tmp_path / "kustomization.yaml").write_text(block)
    return tuple(objects(kubectl(api, "kustomize", str(tmp_path))))


def test_one_right_more(api: Cluster, things: tuple[Object, ...]) -> None:
    """Secrets can be got by name in every namespace, never listed; nothing else differs."""
    before, after = set(granted(rendered(api, "base"))), set(granted(things))

    assert after - before == {Right("", "secrets", "get")}
    assert before <= after
    settings = find(things, "ConfigMap", "spanhook-settings")["data"]["settings.yaml"]
    assert parse(settings, "settings.yaml").image_inspection.read_pull_secrets


def test_without_it_one_secret_for_registries(api: Cluster) -> None:
    """What the base may read of Secrets: its certificates, and its own pull secret."""
    rights = {one for one in granted(rendered(api, "base")) if one.resource == "secrets"}

    assert {(one.name, one.namespace) for one in rights} == {
        ("spanhook-webhook-certificates", NAMESPACES[0]),
        ("spanhook-pull", NAMESPACES[0]),
    }
    assert {one.verb for one in rights if one.name == "spanhook-pull"} == {"get"}


def test_the_api_server_takes_it(api: Cluster, things: tuple[Object, ...]) -> None:
    """Role and binding are accepted, and bound to the webhook's account."""
    name = "spanhook-webhook-pull-secrets"
    found = [thing for thing in things if thing["metadata"]["name"] == name]
    assert sorted(thing["kind"] for thing in found) == ["ClusterRole", "ClusterRoleBinding"]
    try:
        api.apply(*found)
        account = f"system:serviceaccount:{NAMESPACES[0]}:spanhook-webhook"
        reader = api.as_user(account)
        secret = "/api/v1/namespaces/default/secrets/nobody-made-it"
        # Who authorizes learns of a binding a moment after it is stored.
        until(lambda: reader.request("GET", secret).status == 404, "the binding counts")
        assert reader.request("GET", "/api/v1/secrets").status == 403
    finally:
        for thing in found:
            api.delete(thing["kind"], name)
