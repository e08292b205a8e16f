"""Runtimes that come as wheels: pinned by version and hash, each in a folder of its own."""

import re
import sys
from pathlib import Path

from demo.cache import contents
from demo.commands import run
from demo.runtimes.model import Workshop

_REQUIREMENTS = Path(__file__).parent.with_name("requirements")
_PIN = re.compile(r"^(?P<name>[\w.-]+)==(?P<version>[\w.]+)", re.MULTILINE)


def wheel(workshop: Workshop, language: str) -> tuple[Path, str]:
    """The folder that the language's wheel is installed in, and its ``name version``.

    Raises CommandError.
    """
    requirements = _REQUIREMENTS / f"{language}.txt"
    pin = _PIN.search(requirements.read_text())
    if pin is None:
        raise ValueError(f"{requirements} pins nothing")

    def install(folder: Path) -> None:
        workshop.say(f"fetching {pin['name']} {pin['version']}")
        pip_install(requirements, "--target", str(folder))

    folder = workshop.cache.folder(f"runtime-{language}", contents(requirements), install)
    return folder, f"{pin['name']} {pin['version']}"


def pip_install(requirements: Path, *options: str, python: Path | None = None) -> None:
    """Install what is pinned, hash by hash; into `python`'s environment, else by the options."""
    for_other = () if python is None else ("--python", str(python))
    run(
        [
            *(sys.executable, "-m", "pip", *for_other, "install"),
            *("--quiet", "--disable-pip-version-check", "--no-warn-script-location"),
            *("--no-deps", "--require-hashes", "--requirement", str(requirements)),
            *options,
        ],
        env={"PIP_ROOT_USER_ACTION": "ignore"},
    )
