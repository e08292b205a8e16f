"""A registry for the command line: images of each kind of answer."""

import json
from pathlib import Path

from tests.inspection.trees import files, layer
from tests.inspection.wild import script
from tests.registry import images
from tests.registry.debian import Running
from tests.registry.pushing import push

PYTHON = images.config(Env=["PATH=/usr/bin", "PYTHON_VERSION=3.13.14"], Cmd=["python3"])
RUBY = images.config(Env=["PATH=/usr/bin"], Cmd=["puma"])
HINT = images.config(Env=["PATH=/usr/bin", "JAVA_OPTS=-Xmx1g"], Cmd=["/app/run"])
OPEN = images.config(Env=["PATH=/bin"], Cmd=["/run.sh"])
BASE = layer(files("usr/lib", 20, 200_000))
TOP = layer([script("run.sh", "exec node server.js")])
STAGE = "\x1b]0;owned\x07"
HOSTILE = images.config(Env=[f"JAVA_TOOL_{STAGE}=1"], Cmd=[f"/app/{STAGE}"])


def fill(running: Running, authorization: str = "") -> None:
    """Push one image of each kind."""
    kinds = {
        "python": images.image(BASE, configuration=PYTHON),
        "ruby": images.image(configuration=RUBY),
        "hint": images.image(BASE, configuration=HINT),
        "script": images.image(BASE, TOP, configuration=OPEN),
        "hostile": images.image(configuration=HOSTILE),
    }
    for name, image in kinds.items():
        push(
            running.url,
            f"shop/{name}",
            image,
            "1",
            authority=running.authority,
            authorization=authorization,
        )


def docker_config(folder: Path, document: object) -> Path:
    """A folder with a Docker configuration, for DOCKER_CONFIG."""
    folder.mkdir(exist_ok=True)
    (folder / "config.json").write_text(json.dumps(document))
    return folder
