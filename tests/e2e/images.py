"""The images that the node runs besides the webhook's, made without a container tool.

Their content is what the repository's own builds give. The services stand on one Debian that has
all three runtimes, the agents on busybox, as their Dockerfiles say.
"""

import json
import platform
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from agents import build, pip
from demo.cache import contents, user_cache
from demo.dockerfiles import APPS, BASES, image_config
from demo.images import LocalImage
from demo.provision import Missing, provision
from demo.runtimes import LANGUAGES
from demo.runtimes.model import Language
from tests.cluster.images import Image, Layer, layer
from tests.cluster.images.debian import PYTHON, base, busybox
from webhook.languages import BY_NAME

DEBIAN = "spanhook.test/debian:1"
"""The runtimes and nothing else."""

_AGENTS = ("java", "nodejs", "python")
_HUB = "docker.io"  # what the kubelet puts before a name without a registry
_ENVOY = "envoyproxy/envoy:v1.36.2"

_PLATFORMS = [f"--platform=manylinux_2_{minor}_{platform.machine()}" for minor in (28, 17, 5)]
_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_BASE: Mapping[str, Any] = {"config": {"Env": [_PATH]}}

# What pip would write into the image: its first line names the image's own Python.
_GUNICORN = "#!/usr/bin/python3\nfrom gunicorn.app.wsgiapp import run\n\nrun()\n"
# The official Node.js image's, for a command that is not an option of node.
_ENTRYPOINT = '#!/bin/sh\nexec "$@"\n'
# A relay, as the real one is here: it stands for Envoy, which no package has.
_RELAY = "#!/bin/sh\nexec nc -ll -p 8081 -e nc 127.0.0.1 8080\n"


def images() -> list[Image]:
    """All of them. Raises LookupError, with the reason, where one cannot be made here."""
    relay = (busybox(), _script("envoy", _RELAY))
    return [
        *map(_agent, _AGENTS),
        *_shop(),
        Image(f"{_HUB}/{_ENVOY}", relay, _BASE["config"]),
        Image(DEBIAN, (base(),), _BASE["config"]),
    ]


def _agent(language: str) -> Image:
    files = layer(f"agent-{language}", {"/autoinstrumentation": build.cached(language)})
    config = {"Env": ["PATH=/bin"], "User": "65532:65532"}
    return Image(BY_NAME[language].image, (busybox(), files), config)


def _shop() -> list[Image]:
    languages = [language for language in LANGUAGES if language.name in _CONTENT]
    prepared = provision(user_cache(), _Silent(), languages=languages)
    found = []
    for language in languages:
        outcome = prepared[language.service]
        if isinstance(outcome, Missing):
            reason = f"{language.service} cannot be built here: {outcome.reason}"
            raise LookupError(reason)  # noqa: TRY004  no type is wrong
        found.append(_service(language, outcome.image))
    return found


def _service(language: Language, made: LocalImage) -> Image:
    service = language.service
    dockerfile = (APPS / service / "Dockerfile").read_text()
    bases = dict.fromkeys(json.loads(BASES.read_text()), _BASE)
    layers = (base(), *_CONTENT[language.name](made))
    config = image_config(dockerfile, bases)["config"]
    return Image(f"{_HUB}/shop/{service}:1.0.0", layers, config)


def _storefront(made: LocalImage) -> tuple[Layer, ...]:
    app = layer("storefront", {"/app": made.files["/app"]})
    return app, _script("docker-entrypoint.sh", _ENTRYPOINT)


def _cart(_made: LocalImage) -> tuple[Layer, ...]:
    """Its packages for the image's Python, not for the one that runs this."""
    requirements = APPS / "cart" / "requirements.txt"
    target = ("--python-version", PYTHON, "--implementation", "cp", *_PLATFORMS)

    def install(into: Path) -> None:
        pip.install(Path(sys.executable), requirements, into / "packages", *target)

    folder = user_cache().folder("cart-packages", [*contents(requirements), *target], install)
    trees = {
        f"/usr/local/lib/python{PYTHON}/dist-packages": folder / "packages",
        "/app/cart.py": APPS / "cart" / "cart.py",
    }
    return layer("cart", trees), _script("gunicorn", _GUNICORN)


def _prices(made: LocalImage) -> tuple[Layer, ...]:
    return (layer("prices", {"/app/prices.jar": made.files["/app"] / "prices.jar"}),)


def _stock(made: LocalImage) -> tuple[Layer, ...]:
    program = "/usr/local/bin/stock"
    return (layer("stock", {program: made.files[program]}),)


_CONTENT: Mapping[str, Callable[[LocalImage], tuple[Layer, ...]]] = {
    "nodejs": _storefront,
    "python": _cart,
    "java": _prices,
    "go": _stock,
}
"""What a language's service puts on the base; .NET can be built nowhere here."""


def _script(name: str, text: str) -> Layer:
    def write(into: Path) -> None:
        (into / name).write_text(text)
        (into / name).chmod(0o755)

    folder = user_cache().folder(f"script-{name}", [text], write)
    return layer(name, {f"/usr/local/bin/{name}": folder / name})


class _Silent:
    """Hears how far the languages are, and says nothing."""

    def step(self, language: str, text: str) -> None:
        """A step."""

    def done(self, language: str, text: str, *, ready: bool, seconds: float) -> None:
        """An end."""
