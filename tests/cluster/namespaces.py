"""Namespaces without a controller manager: what it would do at their begin and at their end."""

from tests.cluster.client import ApiRefused, Client
from tests.cluster.waiting import until


def await_default(client: Client) -> None:
    """Wait for the namespace `default`, which the API server makes by itself, and furnish it."""
    until(lambda: client.get("Namespace", "default"), "namespace default")
    furnish(client, "default")


def furnish(client: Client, name: str) -> None:
    """Create the service account `default`. Raises ApiRefused."""
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default"}}
    answer = Client.create(client, account, namespace=name)
    if answer.status not in {201, 409}:  # 409: it is there
        raise ApiRefused(f"create service account default in {name}", answer)


def remove(client: Client, name: str) -> None:
    """Delete the namespace and everything in it, at once. Raises ApiRefused."""
    client.delete("Namespace", name)
    for resource in client.resources.all():
        if resource.namespaced and "deletecollection" in resource.verbs:
            client.request("DELETE", resource.path("", name), query={"gracePeriodSeconds": "0"})
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}, "spec": {}}
    client.request("PUT", f"/api/v1/namespaces/{name}/finalize", body)
