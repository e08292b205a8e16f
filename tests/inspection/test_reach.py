"""The settings' words for how registries are reached."""

import pytest

from inspection.reach import reach
from registry.routes import Route
from webhook.settings import ImageInspectionSettings, Mirror

NOTHING = ImageInspectionSettings()


def test_defaults() -> None:
    """Without settings: TLS everywhere, no proxy, no mirror, and a name of our own."""
    found = reach(NOTHING, {})

    assert (found.plain_http, found.unverified, found.local) == (frozenset(),) * 3
    assert found.routes == ()
    assert found.proxies.https == ""
    assert found.user_agent.startswith("spanhook/")


def test_hosts() -> None:
    """Names of hosts are compared in lower case."""
    found = reach(
        ImageInspectionSettings(
            plain_http=("Registry.Corp:5000",), unverified=("a",), local=("localhost:1",),
            certificate_authorities="PEM",
        ), {},
    )  # fmt: skip

    assert found.plain_http == {"registry.corp:5000"}
    assert found.unverified == {"a"}
    assert found.local == {"localhost:1"}
    assert found.authorities == "PEM"


def test_mirrors() -> None:
    """Mirrors of one prefix are tried in turn, the image's own registry last where all allow it."""
    found = reach(
        ImageInspectionSettings(
            mirrors=(
                Mirror("docker.io", "one.corp/hub"),
                Mirror("docker.io", "two.corp/hub"),
                Mirror("quay.io", "one.corp/quay", fallback=False),
            )
        ),
        {},
    )

    assert found.routes == (
        Route("docker.io", ("one.corp/hub", "two.corp/hub")),
        Route("quay.io", ("one.corp/quay",), origin=False),
    )


def test_proxy() -> None:
    """The settings' proxy goes before the one of the environment."""
    environment = {"HTTPS_PROXY": "http://theirs:1", "NO_PROXY": "corp"}
    own = ImageInspectionSettings(proxy="http://ours:2", no_proxy=("local",))

    assert reach(NOTHING, environment).proxies.https == "http://theirs:1"
    assert reach(NOTHING, environment).proxies.exceptions == ("corp",)
    assert reach(own, environment).proxies.https == "http://ours:2"
    assert reach(own, environment).proxies.exceptions == ("local",)


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        (ImageInspectionSettings(proxy="ftp://x"), "imageInspection.proxy"),
        (ImageInspectionSettings(mirrors=(Mirror("a/..", "b"),)), "imageInspection.mirrors"),
    ],
)
def test_refuses(settings: ImageInspectionSettings, field: str) -> None:
    """What the types let through and nobody can use is an error that names the field."""
    with pytest.raises(ValueError, match=field):
        reach(settings, {})
