"""`spanhook inject --inspect` and `explain --inspect` at a real registry."""

import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.console.commandline import Ran, run
from tests.registry.debian import Running

DEPLOYMENT = """\
# the shop
kind: Deployment
apiVersion: apps/v1
metadata: {{name: shop}}
spec:
  template:
    spec:{selector}
      containers:
"""
CONTAINER = "      - {{name: {name}, image: '{image}'{more}}}  # kept\n"


def manifest(*containers: str, selector: str = "") -> str:
    """A Deployment with containers."""
    return DEPLOYMENT.format(selector=selector) + "".join(containers)


def container(registry: Running, name: str, more: str = "") -> str:
    """A container of an image on a registry, named like it."""
    return CONTAINER.format(name=name, image=f"{registry.host}/shop/{name}:1", more=more)


def asked(registry: Running, command: str, text: str, *options: str) -> Ran:
    """Run a command that asks a registry."""
    return run(command, "--inspect", "--plain-http", registry.host, *options, stdin=text)


def records(registry: Running, text: str, *options: str) -> list[dict[str, Any]]:
    """What `explain --inspect -o json` says."""
    found: list[dict[str, Any]] = json.loads(
        asked(registry, "explain", text, "-o", "json", *options).text
    )
    return found


def test_images_decide(shop: Running) -> None:
    """What the manifest leaves open, configuration and layers tell; stdout is manifests alone."""
    text = manifest(container(shop, "python"), container(shop, "script"))

    without, ran = run("inject", stdin=text), asked(shop, "inject", text)

    assert without.text == text
    assert ran.code == 0
    assert ran.text.startswith("# the shop\n")
    assert "spanhook-agent-python" in ran.text
    assert "spanhook-agent-nodejs" in ran.text
    assert "2 of 2 containers injected" in ran.stderr


def test_the_image_tells_the_version(shop: Running) -> None:
    """Explaining has the image's evidence."""
    (one,) = records(shop, manifest(container(shop, "python")))

    assert (one["language"], one["version"]) == ("python", "3.13.14")
    assert "image" in {piece["source"] for piece in one["evidence"]}


def test_without_layers(shop: Running) -> None:
    """Layers are left alone on request."""
    text = manifest(container(shop, "script"))

    assert records(shop, text)[0]["language"] == "nodejs"
    assert records(shop, text, "--no-layers")[0]["reason"] == "LanguageUnknown"


def test_what_could_not_be_read(shop: Running) -> None:
    """An image that is not there is ImageUnreachable, and nothing else is lost by it."""
    text = manifest(container(shop, "gone"), container(shop, "python"))

    gone, python = records(shop, text)
    ran = asked(shop, "inject", text)

    assert (gone["decision"], gone["reason"]) == ("skip", "ImageUnreachable")
    assert "is not there" in gone["message"]
    assert python["decision"] == "inject"
    assert ran.code == 0
    assert "gone    skipped: ImageUnreachable: " in ran.stderr


def test_what_could_not_be_read_and_is_not_needed(shop: Running) -> None:
    """Where the command line tells the language, the fault is said beside the report."""
    ran = asked(
        shop, "inject", manifest(container(shop, "gone", ", command: [java, -jar, a.jar]")), "-q"
    )

    assert "spanhook-agent-java" in ran.text
    assert ran.stderr.startswith(f"spanhook: {shop.host}/shop/gone:1: not read: ")


def test_a_registry_that_does_not_answer_in_time() -> None:
    """What only came too late is ImagePending."""
    with socket.create_server(("127.0.0.1", 0)) as silent:  # the kernel accepts, nobody answers
        host = f"localhost:{silent.getsockname()[1]}"
        text = manifest(CONTAINER.format(name="a", image=f"{host}/x:1", more=""))
        options = ("-o", "json", "--inspect", "--plain-http", host, "--timeout", "0.2")
        (one,) = json.loads(run("explain", *options, stdin=text).text)

    assert one["reason"] == "ImagePending"
    assert f"{host}/x:1: no answer within" in one["message"]


def test_only_what_matters_is_asked(shop: Running) -> None:
    """Images whose content changes nothing are not asked about; nor is one that is given."""
    text = manifest(
        container(shop, "gone", ", command: [nginx]"),
        CONTAINER.format(name="istio-proxy", image="istio/proxyv2:1", more=""),
    )

    ran = asked(shop, "inject", text)

    assert ran.text == text
    assert "Unreachable" not in ran.stderr


def test_configurations_that_are_given_are_not_asked_for(shop: Running, tmp_path: Path) -> None:
    """A file goes before the registry."""
    file = tmp_path / "images.json"
    image = f"{shop.host}/shop/python:1"
    file.write_text(json.dumps({image: {"config": {"Cmd": ["node", "a.js"]}}}))

    (one,) = records(shop, manifest(container(shop, "python")), "--image-configs", str(file))

    assert one["language"] == "nodejs"


def test_the_pods_platform_is_asked_for(shop: Running) -> None:
    """A nodeSelector says which platform's image it will be; others are of no use."""
    selector = "\n      nodeSelector: {kubernetes.io/arch: s390x}"

    (one,) = records(shop, manifest(container(shop, "python"), selector=selector))

    assert one["language"] == "python"


def test_nothing_is_loaded_that_is_not_asked_for() -> None:
    """Without --inspect neither the registry's client nor its HTTP library is loaded."""
    program = (
        "import sys; from tests.console.commandline import run;"
        "run('inject', stdin='kind: Pod'); run('explain', stdin='kind: Pod');"
        "run('inspect', '--help');"
        "print(*sorted({'aiohttp', 'registry', 'inspection'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert done.stdout.split() == []
