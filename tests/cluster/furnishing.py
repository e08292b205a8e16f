"""What objects need from controllers before tests can count on them, done or awaited at once.

Size `api` has no controllers. The others have them, but a controller comes some moments later.
"""

from collections.abc import Callable, Mapping

from tests.cluster.client import ApiRefused, Client, Object
from tests.waiting import until


def await_start(client: Client) -> None:
    """Wait for the namespace `default`, which the API server makes by itself, and furnish it."""
    namespace = until(lambda: client.get("Namespace", "default"), "namespace default")
    furnish(client, namespace, controllers=False)


def furnish(client: Client, thing: Object, *, controllers: bool) -> None:
    """Make usable what was just created; `controllers`: whether there are any.

    Raises ApiRefused.
    """
    act = _ACTS.get(thing["kind"])
    if act is not None:
        act(client, thing, controllers)


def remove_namespace(client: Client, name: str) -> None:
    """Delete a namespace with everything in it, without grace, and wait until it is gone."""
    client.delete("Namespace", name)
    for resource in client.resources.all():
        if resource.namespaced and "deletecollection" in resource.verbs:
            client.request("DELETE", resource.path("", name), query={"gracePeriodSeconds": "0"})
    # The namespace controller's last word, which says that nothing is left.
    body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}, "spec": {}}
    client.request("PUT", f"/api/v1/namespaces/{name}/finalize", body)
    until(lambda: client.get("Namespace", name) is None, f"end of namespace {name}")


def _add_account(client: Client, namespace: Object, _controllers: bool) -> None:
    """Without the account `default` pods are forbidden before any webhook is asked."""
    account = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default"}}
    answer = Client.create(client, account, namespace=namespace["metadata"]["name"])
    if answer.status not in {201, 409}:  # 409: a controller was faster
        raise ApiRefused("create the service account default", answer)


def _open_quota(client: Client, quota: Object, controllers: bool) -> None:
    """A quota limits nothing until its status says what it limits and what is used."""
    name, namespace = quota["metadata"]["name"], quota["metadata"]["namespace"]
    hard = quota["spec"].get("hard", {})

    def is_open() -> bool:
        found = client.get("ResourceQuota", name, namespace) or {}
        return bool(found.get("status", {}).get("hard") == hard)

    if not controllers and not is_open():
        status = {"hard": hard, "used": dict.fromkeys(hard, "0")}
        client.patch("ResourceQuota", name, {"status": status}, namespace, subresource="status")
    until(is_open, f"quota {name}")


_ACTS: Mapping[str, Callable[[Client, Object, bool], None]] = {
    "Namespace": _add_account,
    "ResourceQuota": _open_quota,
}
