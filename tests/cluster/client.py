"""What a test does with an API server: objects in and out as dicts, answers as they are."""

from collections.abc import Sequence
from typing import Any

from tests.cluster.documents import Source, objects
from tests.cluster.resources import Resources
from tests.cluster.transport import Headers, Response, Transport
from tests.waiting import until

Object = dict[str, Any]

MANAGER = "tests"
"""The field manager of what tests apply."""

_APPLY = "application/apply-patch+yaml"
_PATCHES = {list: "application/json-patch+json", dict: "application/merge-patch+json"}


class ApiRefused(Exception):  # noqa: N818 - not a fault: the answer was no
    """The API server said no; the text is its own."""

    def __init__(self, what: str, response: Response) -> None:
        super().__init__(f"{what}: {response.status} {response.message}")
        self.response = response


class Client:
    """One user's view of an API server; threads may share it.

    A namespace that is not said is that of the object, else `default`. Methods raise OSError where
    no answer comes, and LookupError for a kind that the API server does not have.
    """

    def __init__(self, transport: Transport, resources: Resources, user: Headers = ()) -> None:
        self.transport = transport
        self.resources = resources
        self._user = tuple(user)

    def request(self, method: str, path: str, body: object = None, **options: Any) -> Response:
        """Any request at all, as this user; options as `Transport.request` has them."""
        return self.transport.request(method, path, body, headers=self._user, **options)

    def apply(self, *sources: Source, manager: str = MANAGER, force: bool = True) -> list[Object]:
        """Server-side apply of everything in dicts, YAML texts and files, in this order.

        Returns the objects as they are now. Raises ApiRefused at the first that is refused.
        """
        return [self._apply(thing, manager, force=force) for thing in objects(*sources)]

    def create(
        self, source: Source, *, dry_run: bool = False, namespace: str | None = None
    ) -> Response:
        """Create one object. Never raises for an HTTP status."""
        (thing,) = objects(source)
        resource = self.resources.of(thing)
        space = namespace or _namespace(thing)
        return self.request("POST", resource.path("", space), thing, query=_dry(dry_run))

    def get(self, kind: str, name: str, namespace: str = "default") -> Object | None:
        """One object, None where there is none. Raises ApiRefused."""
        path = self.resources.named(kind).path(name, namespace)
        answer = self.request("GET", path)
        return None if answer.status == 404 else _accepted(f"get {path}", answer)

    def list(self, kind: str, namespace: str | None = None, selector: str = "") -> list[Object]:
        """All objects, of all namespaces where none is said. Raises ApiRefused."""
        resource = self.resources.named(kind)
        path = resource.path("", namespace)
        query = {"labelSelector": selector} if selector else {}
        answer = _accepted(f"list {path}", self.request("GET", path, query=query))
        # In a list the API server leaves out what all have in common.
        common = {"apiVersion": resource.version, "kind": resource.kind}
        return [common | item for item in answer["items"]]

    def delete(self, kind: str, name: str, namespace: str = "default", **query: str) -> Response:
        """Delete one object; query as in `gracePeriodSeconds="0"`. Never raises for a status."""
        path = self.resources.named(kind).path(name, namespace)
        return self.request("DELETE", path, query=query)

    def patch(
        self,
        kind: str,
        name: str,
        change: Sequence[Object] | Object,
        namespace: str = "default",
        *,
        subresource: str = "",
    ) -> Response:
        """JSON patch by a list, JSON merge patch by a dict. Never raises for an HTTP status."""
        path = self.resources.named(kind).path(name, namespace)
        if subresource:
            path = f"{path}/{subresource}"
        content_type = _PATCHES[type(change)]
        return self.request("PATCH", path, change, content_type=content_type)

    def as_user(self, name: str, groups: Sequence[str] = ()) -> "Client":
        """The same API server as somebody else sees it, by impersonation."""
        user = [("Impersonate-User", name), *(("Impersonate-Group", group) for group in groups)]
        return Client(self.transport, self.resources, user)

    def _apply(self, thing: Object, manager: str, *, force: bool) -> Object:
        path = self.resources.of(thing).path(thing["metadata"]["name"], _namespace(thing))
        query = {"fieldManager": manager, "force": str(force).lower()}
        answer = self.request("PATCH", path, thing, query=query, content_type=_APPLY)
        applied = _accepted(f"apply {path}", answer)
        if thing["kind"] == "CustomResourceDefinition":
            self._wait_for_kind(thing["spec"])
        return applied

    def _wait_for_kind(self, definition: Object) -> None:
        """A new kind is served some moments after its definition."""
        name = f"{definition['names']['plural']}.{definition['group']}"

        def offered() -> bool:
            return any(name in resource.names for resource in self.resources.all())

        until(offered, f"{name} in the API")


def _namespace(thing: Object) -> str:
    return str(thing["metadata"].get("namespace", "default"))


def _dry(dry_run: bool) -> dict[str, str]:
    return {"dryRun": "All"} if dry_run else {}


def _accepted(what: str, response: Response) -> Object:
    if response.status >= 400:
        raise ApiRefused(what, response)
    return response.body
