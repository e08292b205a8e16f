"""Mirrors and rewritten names."""

import pytest

from registry.routes import Place, Route, places
from webhook.images.reference import parse


def names(reference: str, *routes: Route) -> list[str]:
    """Where a reference is read, in order."""
    return [place.name for place in places(parse(reference), routes)]


HUB = Route("docker.io", ("mirror.corp/hub", "other.corp:5000"))
REWRITE = Route("docker.io/library", ("r.corp",), origin=False)


@pytest.mark.parametrize(
    ("reference", "routes", "expected"),
    [
        ("python:3", [], ["docker.io/library/python"]),
        (
            "python:3",
            [HUB],
            [
                "mirror.corp/hub/library/python",
                "other.corp:5000/library/python",
                "docker.io/library/python",
            ],
        ),
        ("python:3", [REWRITE], ["r.corp/python"]),
        ("python:3", [REWRITE, HUB], ["r.corp/python"]),
        ("team/app", [REWRITE], ["docker.io/team/app"]),
        ("docker.io/libraryx/app", [REWRITE], ["docker.io/libraryx/app"]),
        (
            "r.corp/team/app",
            [Route("r.corp/team/app", ("m.corp/one",))],
            ["r.corp/team/app"],
        ),
        ("r.corp/app", [Route("r.corp", ("r.corp",))], ["r.corp/app"]),
        (
            "[::1]:5000/app",
            [Route("[::1]:5000", ("m.corp",), origin=False)],
            ["m.corp/app"],
        ),
    ],
    ids=["none", "mirrors", "rewrite", "first", "other", "part", "whole", "itself", "v6"],
)
def test_places(reference: str, routes: list[Route], expected: list[str]) -> None:
    """The first route with the name's prefix says where to read; prefixes end at a slash."""
    assert names(reference, *routes) == expected


@pytest.mark.parametrize(
    ("prefix", "targets"),
    [
        ("", ("r.corp",)),
        ("https://r.corp", ("m.corp",)),
        ("r.corp/", ("m.corp",)),
        ("r.corp", ("m.corp/../x",)),
        ("r.corp", ("m.corp:port",)),
        ("r.corp", ("m.corp?x",)),
        ("r.corp", ("user@m.corp",)),
    ],
)
def test_refused(prefix: str, targets: tuple[str, ...]) -> None:
    """A route is made of hosts and paths, and says which text is none."""
    with pytest.raises(ValueError, match="is not a registry's host"):
        Route(prefix, targets)


def test_rewritten_to_nothing() -> None:
    """A name that leads nowhere is a mistake."""
    with pytest.raises(ValueError, match="to nothing"):
        Route("r.corp", (), origin=False)


def test_hub_is_served_by_another_host() -> None:
    """Docker Hub's name is not the host that answers."""
    assert Place("docker.io", "library/python").host == "registry-1.docker.io"
    assert Place("r.corp:5000", "app").host == "r.corp:5000"
