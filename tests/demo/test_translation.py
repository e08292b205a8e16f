from pathlib import Path

import pytest

from demo.containers import Process
from demo.translation import Translation, service_addresses

_TRANSLATION = Translation(
    paths={
        "/app": Path("/cache/app-1"),
        "/spanhook/java": Path("/run/pod/volumes/spanhook-agent-java"),
        "/spanhook": Path("/elsewhere"),
    },
    services=service_addresses({"prices": {8080: "127.0.0.1:21000"}}, "shop"),
    listeners={8080: 21001},
)
_JAVA = "/run/pod/volumes/spanhook-agent-java"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("/app", "/cache/app-1", id="a path"),
        pytest.param("/app/prices.jar", "/cache/app-1/prices.jar", id="a file in it"),
        pytest.param("/application", "/application", id="another path that begins alike"),
        pytest.param("/srv/app/x", "/srv/app/x", id="the middle of another path"),
        pytest.param(
            "-javaagent:/spanhook/java/javaagent.jar",
            f"-javaagent:{_JAVA}/javaagent.jar",
            id="an option; the longest path wins",
        ),
        pytest.param("/spanhook/java:/app:/lib", f"{_JAVA}:/cache/app-1:/lib", id="a search path"),
        pytest.param("file:///app/x.mjs", "file:///cache/app-1/x.mjs", id="a file URL"),
        pytest.param("http://host/app", "http://host/app", id="the path of a URL"),
        pytest.param("--require=/app/x.js", "--require=/cache/app-1/x.js", id="after ="),
        pytest.param("http://prices:8080", "http://127.0.0.1:21000", id="a service"),
        pytest.param("http://prices.shop:8080/x", "http://127.0.0.1:21000/x", id="by namespace"),
        pytest.param("http://prices.shop.svc:8080", "http://127.0.0.1:21000", id="svc"),
        pytest.param(
            "http://prices.shop.svc.cluster.local:8080/quote?x=1",
            "http://127.0.0.1:21000/quote?x=1",
            id="the full name",
        ),
        pytest.param("http://prices:80801", "http://prices:80801", id="another port"),
        pytest.param("http://prices.other:8080", "http://prices.other:8080", id="another space"),
        pytest.param("prices:8080", "prices:8080", id="no URL"),
        pytest.param("0.0.0.0:8080", "127.0.0.1:21001", id="a listener"),
        pytest.param("http://0.0.0.0:8080", "http://127.0.0.1:21001", id="a listener's URL"),
        pytest.param("--bind=0.0.0.0:8080", "--bind=127.0.0.1:21001", id="an option's listener"),
        pytest.param("0.0.0.0:9000", "0.0.0.0:9000", id="a port that is not declared"),
        pytest.param("10.0.0.0:8080", "10.0.0.0:8080", id="another address"),
        pytest.param("8080", "8080", id="a number alone"),
    ],
)
def test_text(text: str, expected: str) -> None:
    """Paths, services and listeners are rewritten, and nothing that looks like them."""
    assert expected == _TRANSLATION.text(text)


def test_what_was_put_in_is_not_rewritten() -> None:
    """A folder of this machine may be named like a folder of a container."""
    translation = Translation({"/app": Path("/app/app"), "/tmp": Path("/app/tmp")}, {}, {})

    assert translation.text("/app:/tmp") == "/app/app:/app/tmp"


def test_process() -> None:
    """Values, words and the working directory are rewritten; names of variables are not."""
    process = Process(("/app/run", "0.0.0.0:8080"), {"/app": "/app"}, "/app")

    translated = _TRANSLATION.process(process)

    assert translated == Process(
        ("/cache/app-1/run", "127.0.0.1:21001"), {"/app": "/cache/app-1"}, "/cache/app-1"
    )


def test_nothing_to_translate() -> None:
    """Without paths, services and listeners every text stays."""
    assert Translation({}, {}, {}).text("/app http://prices:8080") == "/app http://prices:8080"
