"""An API server in memory, as far as resourceVersions go: for what must lose against others."""

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jsonpatch

from kube.client import Object
from kube.errors import ApiError, KubeError

Interruption = Callable[[str, str], KubeError | None]
"""Is told the verb and path of a request, and says what becomes of it."""


def conflict(path: str) -> ApiError:
    """Somebody else was faster."""
    return ApiError(409, "Conflict", f"{path}: the object has been modified")


class Objects:
    """Objects by path. `asked`: each request. Every answer is a copy."""

    def __init__(self, *objects: tuple[str, Object]) -> None:
        self.stored: dict[str, dict[str, Any]] = {}
        self.asked: list[tuple[str, str]] = []
        self.interrupt: Interruption = lambda _verb, _path: None
        self._version = 0
        for path, one in objects:
            self.put(path, one)

    def put(self, path: str, one: Object) -> dict[str, Any]:
        """Store an object, whatever is there."""
        self._version += 1
        stored = copy.deepcopy(dict(one))
        stored["metadata"] = {
            **stored.get("metadata", {}),
            "name": path.rpartition("/")[2],
            "resourceVersion": str(self._version),
        }
        self.stored[path] = stored
        return copy.deepcopy(stored)

    async def get(self, path: str, **_query: str) -> dict[str, Any]:
        """An object, or the list of a collection."""
        self._ask("get", path)
        if path in self.stored:
            return copy.deepcopy(self.stored[path])
        below = [one for name, one in self.stored.items() if name.rpartition("/")[0] == path]
        if below:
            return {"items": copy.deepcopy(below)}
        raise ApiError(404, "NotFound", path)

    async def create(self, path: str, body: Object, **_query: str) -> dict[str, Any]:
        """A new object in the collection."""
        self._ask("create", path)
        where = f"{path}/{body['metadata']['name']}"
        if where in self.stored:
            raise ApiError(409, "AlreadyExists", where)
        return self.put(where, body)

    async def replace(self, path: str, body: Object, **_query: str) -> dict[str, Any]:
        """An object in place of the one of that resourceVersion."""
        self._ask("replace", path)
        if path not in self.stored:
            raise ApiError(404, "NotFound", path)
        self._check(path, body["metadata"].get("resourceVersion"))
        return self.put(path, body)

    async def apply(
        self, path: str, body: Object, *, manager: str = "", force: bool = True, **_query: str
    ) -> dict[str, Any]:
        """The object as it is applied; fields of others are not known here."""
        self._ask("apply", path)
        assert force, manager
        return self.put(path, body)

    async def patch(self, path: str, operations: Sequence[Object], **_query: str) -> dict[str, Any]:
        """JSON patch; 422 where a test fails, as the API server answers."""
        self._ask("patch", path)
        if path not in self.stored:
            raise ApiError(404, "NotFound", path)
        try:
            patched = jsonpatch.apply_patch(self.stored[path], list(operations))
        except jsonpatch.JsonPatchException as error:
            raise ApiError(422, "Invalid", str(error)) from error
        return self.put(path, patched)

    async def delete(self, path: str, **_query: str) -> dict[str, Any]:
        """Take an object away."""
        self._ask("delete", path)
        if self.stored.pop(path, None) is None:
            raise ApiError(404, "NotFound", path)
        return {}

    def counted(self, verb: str) -> int:
        """How often that was asked."""
        return sum(1 for one, _ in self.asked if one == verb)

    def _ask(self, verb: str, path: str) -> None:
        self.asked.append((verb, path))
        if (error := self.interrupt(verb, path)) is not None:
            raise error

    def _check(self, path: str, version: str | None) -> None:
        if version is not None and version != self._metadata(path)["resourceVersion"]:
            raise conflict(path)

    def _metadata(self, path: str) -> Mapping[str, Any]:
        metadata: Mapping[str, Any] = self.stored[path]["metadata"]
        return metadata
