"""Configurations of public images with what is true of each, written down from public sources.

The data, one JSON file per kind of truth, holds objects of

    image       the reference; those below registry.example are what teams build on a public base
    what        a name for people, where the reference says too little
    from        the image that this one is built on, written down before it
    config      Env, Entrypoint, Cmd, Labels, User and WorkingDir that its own Dockerfile sets
    history     what its own lines leave behind; long ones are cut to what they install
    dockerfile  false where another builder wrote the image, which leaves no lines of ENV and CMD
    os          where it is not linux
    truth       language, version and C library of the entry program, where public sources tell
                them; or {"none": what it is} where that is none of ours. Absent: a base alone
    untellable  why nobody can tell the truth from the configuration
    source      the repository and file that the facts are from
    checked     true where that file was read for this; elsewhere it was known, and what it sets is
                shortened to what tells something

A configuration is put together as a build does it, so that a base is written down once.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from webhook.model import Json, Libc, Object

FOLDER = Path(__file__).parent
FILES = ("bases", "java", "python", "nodejs", "dotnet", "go", "native", "others", "traps", "hard")


@dataclass(frozen=True, slots=True)
class Case:
    """An image, its OCI configuration, and what is true of the program that it starts.

    `language` is None where the program is none of ours; `kind` says what it is instead.
    `version` and `libc` are None where nothing public tells them.
    """

    image: str
    name: str
    configuration: Object
    language: str | None
    kind: str
    version: str | None
    libc: Libc | None
    untellable: str | None
    source: str

    @property
    def tellable(self) -> bool:
        """Whether the configuration alone says which of our languages it is."""
        return self.language is not None and self.untellable is None


def _load() -> Iterator[Case]:
    built: dict[str, Object] = {}
    for file in FILES:
        for entry in json.loads((FOLDER / f"{file}.json").read_text()):
            if entry["image"] in built:
                raise ValueError(f"{file}.json: {entry['image']} stands twice")
            base = built[entry["from"]] if "from" in entry else {}
            configuration = built[entry["image"]] = _built(base, entry)
            if "truth" in entry:
                yield _case(entry, configuration)


def _case(entry: Object, configuration: Object) -> Case:
    truth = entry["truth"]
    return Case(
        image=entry["image"],
        name=f"{entry['what']} ({entry['image']})" if "what" in entry else entry["image"],
        configuration=configuration,
        language=truth.get("language"),
        kind=truth.get("none", ""),
        version=truth.get("version"),
        libc=truth["libc"],
        untellable=entry.get("untellable"),
        source=entry["source"],
    )


def _built(base: Object, entry: Object) -> dict[str, Json]:
    """The configuration of an image on its base, by the rules of Dockerfiles."""
    before, own = base.get("config", {}), entry.get("config", {})
    config = {**before, **own}
    config["Env"] = [f"{name}={value}" for name, value in _environment(before, own).items()]
    config["Labels"] = {**before.get("Labels", {}), **own.get("Labels", {})}
    if "Entrypoint" in own and "Cmd" not in own:
        config.pop("Cmd", None)  # ENTRYPOINT takes the base's CMD away
    lines = [*entry.get("history", ()), *(_lines(own) if entry.get("dockerfile", True) else ())]
    history = [*base.get("history", ()), *({"created_by": line} for line in lines)]
    return {
        "architecture": "amd64",
        "os": entry.get("os", "linux"),
        "config": config,
        "history": history,
    }


def _environment(*configs: Mapping[str, Json]) -> dict[str, str]:
    pairs = (entry.partition("=") for config in configs for entry in config.get("Env", ()))
    return {name: value for name, _, value in pairs}


def _lines(own: Mapping[str, Json]) -> Iterator[str]:
    """What ENV, USER, ENTRYPOINT and CMD leave in the history, as BuildKit writes it."""
    yield from (f"ENV {entry}" for entry in own.get("Env", ()))
    yield from (f"USER {own['User']}",) if "User" in own else ()
    for field in ("Entrypoint", "Cmd"):
        if field in own:
            yield f"{field.upper()} {json.dumps(own[field])}"


CASES = tuple(_load())
