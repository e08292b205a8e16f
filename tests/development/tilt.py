"""The Tiltfile, evaluated by an interpreter of its language; what it asks of Tilt is recorded.

The built-ins take the parameters that Tilt's take (its API reference); of those that the Tiltfile
does not use, none is here.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import starlark

from tests.cluster.documents import objects

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Build:
    """A call of docker_build."""

    ref: str
    context: Path
    dockerfile: Path
    target: str
    only: tuple[Path, ...]
    steps: tuple[Document, ...]


@dataclass(frozen=True, slots=True)
class Resource:
    """A call of k8s_resource or local_resource."""

    name: str
    command: str = ""
    paths: tuple[Path, ...] = ()
    objects: tuple[str, ...] = ()
    ports: tuple[tuple[int, int], ...] = ()
    after: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tilt:
    """What a Tiltfile in `root` asks for; `render` is kustomize, `context` kubectl's context."""

    root: Path
    context: str
    render: Callable[[Path], str]
    builds: list[Build] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)
    workloads: list[Resource] = field(default_factory=list)
    groups: list[Resource] = field(default_factory=list)
    commands: list[Resource] = field(default_factory=list)

    def evaluate(self) -> None:
        """Run it. Raises starlark.StarlarkError, with the line."""
        file = self.root / "Tiltfile"
        module, dialect = starlark.Module(), starlark.Dialect.standard()
        dialect.enable_top_level_stmt = True  # as Tilt has it
        for name in _BUILT_IN:
            module.add_callable(name, getattr(self, name))
        tree = starlark.parse(file.name, file.read_text(), dialect)
        starlark.eval(module, tree, starlark.Globals.standard())

    # What follows is Tilt's API.

    def docker_build(
        self,
        ref: str,
        context: str,
        *,
        dockerfile: str = "Dockerfile",
        live_update: Sequence[Document] = (),
        ignore: Sequence[str] = (),
        only: Sequence[str] = (),
        target: str = "",
    ) -> None:
        """Record a build; paths in `only` and the Dockerfile are relative to the context."""
        assert not isinstance(ignore, str)
        place = self.root / context
        paths = tuple(place / one for one in only)
        file = place / dockerfile
        self.builds.append(Build(ref, place, file, target, paths, tuple(live_update)))

    def fall_back_on(self, files: Sequence[str]) -> Document:
        """A step of live_update."""
        return {"step": "fall_back_on", "files": files}

    def sync(self, local_path: str, remote_path: str) -> Document:
        """A step of live_update."""
        return {"step": "sync", "from": local_path, "to": remote_path}

    def run(self, cmd: str) -> Document:
        """A step of live_update."""
        return {"step": "run", "cmd": cmd}

    def k8s_yaml(self, yaml: str | Sequence[str]) -> None:
        """Record what is applied: a text, or a list of files."""
        sources = (yaml,) if isinstance(yaml, str) else tuple(map(Path, yaml))
        self.documents.extend(objects(*sources))

    def k8s_resource(
        self,
        workload: str = "",
        *,
        new_name: str = "",
        objects: Sequence[str] = (),
        port_forwards: Sequence[Sequence[int]] = (),
        links: Sequence[Sequence[str]] = (),
        resource_deps: Sequence[str] = (),
        labels: Sequence[str] = (),
    ) -> None:
        """Record a resource: of a workload, or of objects under a new name."""
        assert bool(workload) != bool(new_name)
        assert all(re.match(r"https?://localhost:", url) for url, _ in links)
        assert len(labels) == 1
        ports = tuple((here, there) for here, there in port_forwards)
        made = Resource(
            workload or new_name,
            objects=tuple(objects),
            ports=ports,
            after=tuple(resource_deps),
        )
        (self.workloads if workload else self.groups).append(made)

    def port_forward(self, local_port: int, container_port: int) -> list[int]:
        """A port of this machine and one of the pod."""
        return [local_port, container_port]

    def link(self, url: str, name: str) -> list[str]:
        """What Tilt shows beside a resource."""
        return [url, name]

    def local_resource(
        self,
        name: str,
        cmd: str,
        *,
        deps: Sequence[str] = (),
        ignore: Sequence[str] = (),
        labels: Sequence[str] = (),
    ) -> None:
        """Record a command of this machine and what it is run again for."""
        assert not isinstance(ignore, str)
        assert len(labels) == 1
        self.commands.append(Resource(name, cmd, tuple(self.root / one for one in deps)))

    def kustomize(self, path: str) -> str:
        """A rendered kustomization."""
        return self.render(self.root / path)

    def decode_yaml_stream(self, yaml: str) -> list[Document]:
        """The documents of a text."""
        return list(objects(yaml))

    def read_yaml_stream(self, path: str) -> list[Document]:
        """The documents of a file."""
        return list(objects(self.root / path))

    def read_file(self, path: str) -> str:
        """The content of a file."""
        return (self.root / path).read_text()

    def listdir(self, directory: str) -> list[str]:
        """The files of a folder, by their absolute paths."""
        return sorted(str(path) for path in (self.root / directory).iterdir() if path.is_file())

    def k8s_context(self) -> str:
        """The name of kubectl's context."""
        return self.context


_BUILT_IN = (
    "decode_yaml_stream", "docker_build", "fall_back_on", "k8s_context", "k8s_resource", "k8s_yaml",
    "kustomize", "link", "listdir", "local_resource", "port_forward", "read_file",
    "read_yaml_stream", "run", "sync",
)  # fmt: skip


def selector(document: Mapping[str, Any]) -> str:
    """How k8s_resource calls an object."""
    return f"{document['metadata']['name']}:{document['kind'].lower()}"
