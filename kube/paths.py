"""Where objects are found: `/apis/<group>/<version>/namespaces/<namespace>/<plural>/<name>`."""

from urllib.parse import quote


def path(
    version: str,
    plural: str,
    *,
    namespace: str | None = None,
    name: str | None = None,
    subresource: str | None = None,
) -> str:
    """The path of an object, or of a collection where there is no name.

    `version` is an object's `apiVersion`: `v1` for the core group, else `<group>/<version>`.
    """
    parts = ["apis" if "/" in version else "api", version]
    if namespace is not None:
        parts += ["namespaces", _segment(namespace)]
    parts.append(plural)
    if name is not None:
        parts.append(_segment(name))
    if subresource is not None:
        parts.append(subresource)
    return "/" + "/".join(parts)


def _segment(name: str) -> str:
    """One segment, whatever the name holds: names of RBAC objects have colons."""
    if not name or name in (".", ".."):
        raise ValueError(f'"{name}" names no object')
    return quote(name, safe=":")
