"""The one place where a pod's words become this machine's words.

A container has a file system, a network address and a DNS of its own; a process on this machine
has none of them. Three things are rewritten, in the values of variables, in the command line and
in the working directory, and nothing else is:

1. *paths*: a mount or a folder of the image becomes the folder that stands for it here
   (``-javaagent:/spanhook/java/javaagent.jar``, ``/app/prices.jar``);
2. *services*: the authority of a URL that names a Service becomes the loopback address of
   its pod (``http://prices.shop.svc:8080/`` becomes ``http://127.0.0.1:41000/``);
3. *listeners*: ``0.0.0.0:<container port>`` becomes the loopback address that the port has here,
   so that nothing listens where others could reach it.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from demo.containers import Process
from demo.ports import LOOPBACK

_PATH_START = r"(?:(?<![\w./-])|(?<=://))"
_PATH_END = r"(?![\w.-])"
_SERVICE_START = r"(?<=://)"
_SERVICE_END = r"(?![\w.:-])"
_LISTENER = r"(?<![\w.])0\.0\.0\.0:(?P<port>\d+)(?!\d)"


@dataclass(frozen=True, slots=True)
class Translation:
    """What stands for what.

    `paths`: absolute path in the container to path here. `services`: ``host:port`` of a Service
    to ``host:port`` here. `listeners`: container port to port here.
    """

    paths: Mapping[str, Path]
    services: Mapping[str, str]
    listeners: Mapping[int, int]

    def text(self, text: str) -> str:
        """The text in this machine's words; one pass, so what was put in is not read again."""
        return _pattern(self).sub(_replacement(self), text)

    def process(self, process: Process) -> Process:
        """The process in this machine's words."""
        return Process(
            argv=tuple(self.text(word) for word in process.argv),
            env={name: self.text(value) for name, value in process.env.items()},
            working_dir=self.text(process.working_dir),
        )


def service_addresses(services: Mapping[str, Mapping[int, str]], namespace: str) -> dict[str, str]:
    """Every name that the cluster's DNS knows a Service by, with its port, to its address here."""
    names = ("{0}", "{0}.{1}", "{0}.{1}.svc", "{0}.{1}.svc.cluster.local")
    return {
        f"{name.format(service, namespace)}:{port}": address
        for service, ports in services.items()
        for port, address in ports.items()
        for name in names
    }


def _pattern(translation: Translation) -> re.Pattern[str]:
    paths = _alternatives(translation.paths)
    services = _alternatives(translation.services)
    return re.compile(
        f"{_PATH_START}(?P<path>{paths}){_PATH_END}"
        f"|{_SERVICE_START}(?P<service>{services}){_SERVICE_END}"
        f"|{_LISTENER}"
    )


def _alternatives(words: Iterable[str]) -> str:
    # The longest first: /spanhook/java before /spanhook. (?!) matches nothing.
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)) or "(?!)"


def _replacement(translation: Translation) -> Callable[[re.Match[str]], str]:
    def replace(match: re.Match[str]) -> str:
        if path := match["path"]:
            return str(translation.paths[path])
        if service := match["service"]:
            return translation.services[service]
        port = translation.listeners.get(int(match["port"]))
        return match[0] if port is None else f"{LOOPBACK}:{port}"

    return replace
