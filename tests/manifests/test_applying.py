from typing import Any

import pytest

from tests.cluster import Cluster
from tests.manifests.installation import NAMESPACES, VARIANTS, Object, apply, installed

METHODS = {"client-side": (), "server-side": ("--server-side",)}
HOW = pytest.mark.parametrize("options", METHODS.values(), ids=METHODS)

BUNDLE = "QSBidW5kbGU="


def stored(cluster: Cluster, things: tuple[Object, ...]) -> dict[str, Any]:
    """What the API server has of these objects."""
    found = {}
    for thing in things:
        name, namespace = thing["metadata"]["name"], thing["metadata"].get("namespace", "default")
        found[f"{thing['kind']}/{name}"] = cluster.get(thing["kind"], name, namespace)
    return found


@pytest.mark.parametrize(
    ("variant", "options"),
    [("base", METHODS["client-side"]), *((name, METHODS["server-side"]) for name in VARIANTS)],
    ids=["base, client-side", *VARIANTS],
)
def test_a_cluster_takes_every_object(api: Cluster, variant: str, options: tuple[str, ...]) -> None:
    """Strictly validated, without a warning, and nothing is lost on the way."""
    with installed(api, variant, *options) as things:
        assert None not in stored(api, things).values()
        assert apply(api, variant, *options, "--dry-run=server").count("(server dry run)") == len(
            things
        )


@HOW
def test_applying_again_changes_nothing(api: Cluster, options: tuple[str, ...]) -> None:
    """Not even a resourceVersion: nobody's watch is woken."""
    with installed(api, "base", *options) as things:
        before = stored(api, things)
        apply(api, "base", *options)

        assert stored(api, things) == before


@HOW
def test_applying_again_keeps_what_was_written(api: Cluster, options: tuple[str, ...]) -> None:
    """The webhook's certificates and caBundle, and settings that a person edited in place."""
    settings = {"data": {"settings.yaml": "samplingRatio: 0.5\n"}}
    with installed(api, "base", *options):
        for place in range(2):
            bundle = {
                "op": "add",
                "path": f"/webhooks/{place}/clientConfig/caBundle",
                "value": BUNDLE,
            }
            written = api.patch("MutatingWebhookConfiguration", "spanhook", [bundle])
            assert written.status == 200, written.message
        keys = {"data": {"tls.key": BUNDLE}}
        api.patch("Secret", "spanhook-webhook-certificates", keys, NAMESPACES[0])
        api.patch("ConfigMap", "spanhook-settings", settings, NAMESPACES[0])

        apply(api, "base", *options)

        configuration = api.get("MutatingWebhookConfiguration", "spanhook") or {}
        secret = api.get("Secret", "spanhook-webhook-certificates", NAMESPACES[0]) or {}
        config_map = api.get("ConfigMap", "spanhook-settings", NAMESPACES[0]) or {}
        bundles = [entry["clientConfig"].get("caBundle") for entry in configuration["webhooks"]]
        assert bundles == [BUNDLE, BUNDLE]
        assert secret["data"] == keys["data"]
        assert config_map["data"] == settings["data"]


@HOW
def test_changing_variants_keeps_the_bundle(api: Cluster, options: tuple[str, ...]) -> None:
    """From the base to high availability: the failure policy changes, nothing is taken away."""
    with installed(api, "base", *options):
        bundle = {"op": "add", "path": "/webhooks/0/clientConfig/caBundle", "value": BUNDLE}
        api.patch("MutatingWebhookConfiguration", "spanhook", [bundle])

        apply(api, "ha", *options)

        entries = (api.get("MutatingWebhookConfiguration", "spanhook") or {})["webhooks"]
        assert entries[0]["clientConfig"]["caBundle"] == BUNDLE
        assert [entry["failurePolicy"] for entry in entries] == ["Fail", "Fail"]


def test_an_unknown_field_would_be_seen(api: Cluster) -> None:
    """The validation above is one: a field that does not exist is refused."""
    (thing,) = [{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}, "dada": {}}]
    answer = api.request(
        "POST",
        "/api/v1/namespaces/default/configmaps",
        thing,
        query={"dryRun": "All", "fieldValidation": "Strict"},
    )

    assert answer.status == 400
    assert 'unknown field "dada"' in answer.message
