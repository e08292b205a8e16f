"""Python: the cart, in a virtual environment of its own."""

import platform
import shutil
import sys
import venv
from pathlib import Path

from demo.cache import contents
from demo.images import LocalImage
from demo.runtimes.agent import agent
from demo.runtimes.model import APPS, Language, Prepared, Runtime, Workshop
from demo.runtimes.wheels import pip_install

_SOURCE = APPS / "cart"


def _prepare(workshop: Workshop) -> Prepared:
    version = platform.python_version()
    # An environment refers to the interpreter that made it.
    parts = [version, sys.base_prefix]
    folder = workshop.cache.folder(
        "cart", [*contents(_SOURCE), *parts], lambda into: _build(workshop, into)
    )
    python = folder / "venv" / "bin" / "python"
    return Prepared(
        runtime=Runtime(f"Python {version}", "this machine", python, folder / "venv"),
        image=LocalImage(files={"/app": folder / "app"}, programs=(python.parent,)),
        agent=agent(workshop, "python", python=Path(sys.executable)),
    )


def _build(workshop: Workshop, into: Path) -> None:
    workshop.say("installing the cart's packages")
    # Without a pip of its own: ours installs into it, and it is made in a moment.
    venv.create(into / "venv", symlinks=True)
    pip_install(_SOURCE / "requirements.txt", python=into / "venv" / "bin" / "python")
    (into / "app").mkdir()
    shutil.copy(_SOURCE / "cart.py", into / "app")


PYTHON = Language("python", "cart", _prepare)
