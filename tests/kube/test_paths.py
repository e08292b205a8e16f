import pytest

from kube.paths import path


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (path("v1", "namespaces"), "/api/v1/namespaces"),
        (path("v1", "namespaces", name="shop"), "/api/v1/namespaces/shop"),
        (path("v1", "secrets", namespace="n", name="s"), "/api/v1/namespaces/n/secrets/s"),
        (path("apps/v1", "deployments"), "/apis/apps/v1/deployments"),
        (
            path("v1", "pods", namespace="n", name="p", subresource="status"),
            "/api/v1/namespaces/n/pods/p/status",
        ),
        (
            path("rbac.authorization.k8s.io/v1", "clusterroles", name="system:node"),
            "/apis/rbac.authorization.k8s.io/v1/clusterroles/system:node",
        ),
        (
            path("v1", "secrets", namespace="n", name="a/b?c"),
            "/api/v1/namespaces/n/secrets/a%2Fb%3Fc",
        ),
    ],
    ids=["collection", "name", "namespace", "group", "subresource", "colon", "escaped"],
)
def test_a_path(found: str, expected: str) -> None:
    """Core and named groups, with and without namespace, name and subresource."""
    assert expected == found


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_a_name_that_names_nothing(name: str) -> None:
    """A name that would make another path of it is refused: an empty one means the collection."""
    with pytest.raises(ValueError, match="names no object"):
        path("v1", "secrets", namespace="n", name=name)
