from tests.cluster import Cluster

POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"generateName": "web-"},
    "spec": {"containers": [{"name": "web", "image": "example.test/web:1"}]},
}


def test_what_is_created_can_be_got_listed_and_deleted(api: Cluster) -> None:
    """An object makes the round through the API server."""
    with api.namespace() as namespace:
        created = api.create(POD, namespace=namespace)
        name = created.body["metadata"]["name"]
        got = api.get("Pod", name, namespace)
        listed = api.list("pods", namespace)
        deleted = api.delete("po", name, namespace)
        after = api.get("Pod", name, namespace)

    assert created.status == 201
    assert got is not None
    assert got["spec"]["containers"][0]["image"] == "example.test/web:1"
    assert listed == [got]
    assert deleted.status == 200
    assert after is None
