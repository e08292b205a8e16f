"""Image configurations from Dockerfiles: what Docker would write for an image of the shop.

``python -m demo.dockerfiles`` prints `image-configs.json` anew; a test holds the two together.
Only what these Dockerfiles use is understood. A base image's own configuration stands in
`base-images.json`; the tags there move, so its versions are those of the day they were read.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from demo.images import SHOP_CONFIGS
from demo.workloads import read

APPS = Path(__file__).with_name("apps")
BASES = Path(__file__).with_name("base-images.json")

_VARIABLE = re.compile(r"\$\{(?P<name>\w+)\}")
_CONTINUATION = re.compile(r"\\\n\s*")

Config = dict[str, Any]
Instruction = tuple[str, str]


def image_config(dockerfile: str, bases: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The OCI image configuration document of the Dockerfile's last stage.

    Raises KeyError for a base image that is not in `bases` or an instruction that is not known.
    """
    base, stage = _last_stage(dockerfile)
    document = bases[base]
    config: Config = json.loads(json.dumps(document["config"]))
    history = list(document.get("history") or ())
    for name, text in stage:
        _APPLY[name](config, text)
        history.append(_history(name, text))
    return {
        "architecture": "amd64",
        "os": "linux",
        "config": config,
        "rootfs": {"type": "layers", "diff_ids": []},
        "history": history,
    }


def instructions(dockerfile: str) -> Iterator[Instruction]:
    """Each instruction's name in capitals and its text; comments are left out."""
    for line in _CONTINUATION.sub("", dockerfile).splitlines():
        if line.strip() and not line.startswith("#"):
            name, _, text = line.partition(" ")
            yield name.upper(), text.strip()


def _last_stage(dockerfile: str) -> tuple[str, list[Instruction]]:
    arguments: dict[str, str] = {}
    base, stage = "", list[Instruction]()
    for name, text in instructions(dockerfile):
        if name == "ARG" and not base:
            key, _, value = text.partition("=")
            arguments[key] = value
        elif name == "FROM":
            reference = _VARIABLE.sub(lambda match: arguments[match["name"]], text)
            base, stage = reference.split(" ")[0], []
        else:
            stage.append((name, text))
    return base, stage


def _env(config: Config, text: str) -> None:
    name = text.partition("=")[0]
    kept = [entry for entry in config["Env"] if entry.partition("=")[0] != name]
    config["Env"] = [*kept, text]


def _workdir(config: Config, text: str) -> None:
    config["WorkingDir"] = text


def _user(config: Config, text: str) -> None:
    config["User"] = text


def _expose(config: Config, text: str) -> None:
    config["ExposedPorts"] = {f"{text}/tcp": {}}


def _cmd(config: Config, text: str) -> None:
    config["Cmd"] = json.loads(text)


def _entrypoint(config: Config, text: str) -> None:
    # An ENTRYPOINT of one's own empties the Cmd that the base image has.
    config["Entrypoint"] = json.loads(text)
    config.pop("Cmd", None)


def _nothing(_config: Config, _text: str) -> None:
    """COPY and RUN change files, not the configuration."""


_APPLY: Mapping[str, Callable[[Config, str], None]] = {
    "ENV": _env,
    "WORKDIR": _workdir,
    "USER": _user,
    "EXPOSE": _expose,
    "CMD": _cmd,
    "ENTRYPOINT": _entrypoint,
    "COPY": _nothing,
    "RUN": _nothing,
}

# How BuildKit words its history: a command is run by a shell, a list is written as Go prints it.
_MAKES_LAYER = ("COPY", "RUN", "WORKDIR")


def _history(name: str, text: str) -> dict[str, Any]:
    words = {"RUN": f"RUN /bin/sh -c {text}", "EXPOSE": f"EXPOSE [{text}/tcp]"}
    entry: dict[str, Any] = {
        "created_by": f"{words.get(name, f'{name} {text}')} # buildkit",
        "comment": "buildkit.dockerfile.v0",
    }
    return entry if name in _MAKES_LAYER else {**entry, "empty_layer": True}


def shop_documents() -> dict[str, dict[str, Any]]:
    """Image reference to configuration document, for every image of the shop's own."""
    bases = json.loads(BASES.read_text())
    return {
        container["image"]: image_config((APPS / name / "Dockerfile").read_text(), bases)
        for deployment in read().deployments
        for container in deployment["spec"]["template"]["spec"]["containers"]
        if (APPS / (name := container["name"])).is_dir()
    }


if __name__ == "__main__":
    SHOP_CONFIGS.write_text(json.dumps(shop_documents(), indent=2) + "\n")
