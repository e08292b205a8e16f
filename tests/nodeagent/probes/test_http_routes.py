import pytest

from nodeagent.probes.http_routes import Router, whole


@pytest.mark.parametrize(
    ("route", "expected"),
    [
        ("/items/{id}", "/items/{id}"),
        ("/shop/*/orders/*/{id}/lines", "/shop/orders/{id}/lines"),
        ("/*/*/{id}", "/{id}"),
        ("/shop/*/", "/shop"),
        ("/files/*", "/files/*"),
        ("/*/", "/"),
        ("/", "/"),
    ],
)
def test_a_route_of_routers_within_each_other_is_one(route: str, expected: str) -> None:
    """As chi itself writes it: a wildcard stands for the router that follows."""
    assert whole(Router.CHI, route) == expected


@pytest.mark.parametrize("router", [Router.NET_HTTP, Router.GIN, Router.MUX])
def test_other_routes_are_as_they_are(router: Router) -> None:
    """A slash at the end belongs to them."""
    assert whole(router, "/items/*/") == "/items/*/"
