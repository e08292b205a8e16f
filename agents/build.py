"""Builds the directory `/autoinstrumentation` of an agent image on this machine.

`python -m agents.build LANGUAGE DIRECTORY` does the same from a shell; the images are built so.
"""

from __future__ import annotations

import json
import platform
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from agents import cache, carried, maven, npm, pip
from agents.command import BuildError, run

ROOT = Path(__file__).parent

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Tools:
    """The interpreters that run the package managers, and where to say what is being done."""

    python: Path
    node: Path | None
    progress: Progress


def build(
    language: str,
    into: Path,
    *,
    python: Path | None = None,
    node: Path | None = None,
    progress: Progress = lambda _: None,
) -> Path:
    """Put the agent of `language` (python, nodejs, java) into the directory `into` and return it.

    What was built before from the same pins and sources comes out of the per-user cache. `python`
    runs pip (default: this interpreter); `node` is a Node.js with npm (default: the PATH's).
    Raises BuildError, KeyError for an unknown language.
    """
    cache.link_tree(cached(language, python=python, node=node, progress=progress), into)
    return into


def cached(
    language: str,
    *,
    python: Path | None = None,
    node: Path | None = None,
    progress: Progress = lambda _: None,
) -> Path:
    """Return the built agent in the cache, for readers only; arguments as for `build`."""
    make = BUILDERS[language]
    tools = Tools(python or Path(sys.executable), node, progress)
    name = f"{language}-{cache.key(ROOT, sources(language), _facts())}"

    def build_readable(made: Path) -> None:
        make(ROOT / language, made, tools)
        _open_to_all(made)

    return cache.entry(name, build_readable)


def _open_to_all(directory: Path) -> None:
    """Whatever modes pip, npm and a umask leave: init containers are users that own nothing."""
    for path in (directory, *directory.rglob("*")):
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))


def sources(language: str) -> list[Path]:
    """Return the files that decide what the agent is, the recipes included."""
    own = (path for path in (ROOT / language).rglob("*") if path.is_file())
    unread = {"__pycache__", "Dockerfile"}
    return [path for path in own if not unread.intersection(path.parts)] + _recipes()


def _recipes() -> list[Path]:
    return list(ROOT.glob("*.py"))


def _facts() -> tuple[str, ...]:
    return sys.platform, platform.machine(), str(sys.implementation.cache_tag)


def _packages(language: str, pins: list[Path], make: Callable[[Path], None]) -> Path:
    """Cached by themselves: they take long, and the bootstraps beside them change more often."""
    return cache.entry(
        f"{language}-packages-{cache.key(ROOT, [*pins, *_recipes()], _facts())}", make
    )


def _python(source: Path, made: Path, tools: Tools) -> None:
    def install(into: Path) -> None:
        tools.progress("python: packages")
        pip.install_pure(tools.python, pure, into / "site-any")
        for libc in ("glibc", "musl"):
            tools.progress(f"python: compiled packages for {libc}")
            pip.install_compiled(tools.python, compiled, into / f"site-{libc}", libc)
        compile_for(Path(sys.executable), into)

    pure, compiled = source / "requirements.txt", source / "requirements-compiled.txt"
    cache.link_tree(_packages("python", [pure, compiled], install), made)
    table = carried.table((made / "site-any", made / "site-glibc"))
    bootstrap = made / "spanhook-agent"
    shutil.copytree(source / "spanhook_agent", bootstrap / "spanhook_agent", ignore=_BYTECODE)
    (bootstrap / "requirements.json").write_text(json.dumps(table, indent=1), encoding="utf-8")
    shutil.copy(source / "sitecustomize.py", made)
    compile_for(Path(sys.executable), bootstrap)


_BYTECODE = shutil.ignore_patterns("__pycache__")


def compile_for(python: Path, directory: Path) -> None:
    """Write the bytecode of one version of Python beside the sources in `directory`.

    The agent is mounted read-only, so no Python could keep its own: each start would compile 260
    modules (0.25 s). Unchecked, because copying the files into the pod gives them new times.
    """
    mode = "--invalidation-mode=unchecked-hash"
    place = ("-s", directory.parent, "-p", "/spanhook")
    run((python, "-I", "-m", "compileall", "-q", mode, *place, directory))


def _nodejs(source: Path, made: Path, tools: Tools) -> None:
    def install(into: Path) -> None:
        tools.progress("nodejs: packages")
        node = npm.interpreter(tools.node)
        for pin in pins:
            shutil.copy(pin, into)
        npm.ci(node, into)
        run((node, prune, into))

    pins, prune = sorted(source.glob("package*.json")), source / "prune.js"
    cache.link_tree(_packages("nodejs", [*pins, prune], install), made)
    for name in ("bootstrap.js", "bootstrap.mjs", "start.js"):
        shutil.copy(source / name, made)


def _java(source: Path, made: Path, tools: Tools) -> None:
    tools.progress("java: the agent's jar")
    pin = maven.read(source / "pin.json")
    maven.fetch(tools.python, pin, source / "requirements.txt", made / "javaagent.jar")


BUILDERS: Mapping[str, Callable[[Path, Path, Tools], None]] = {
    "python": _python,
    "nodejs": _nodejs,
    "java": _java,
}


def main(arguments: list[str]) -> int:
    """Build one agent from the command line; the exit code is 2 for wrong use, 1 for a failure."""
    match arguments:
        case [language, directory] if language in BUILDERS:
            try:
                build(language, Path(directory), progress=_say)
            except BuildError as error:
                _say(str(error))
                return 1
            return 0
    _say(f"usage: python -m agents.build {{{','.join(BUILDERS)}}} DIRECTORY")
    return 2


def _say(line: str) -> None:
    sys.stderr.write(line + "\n")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
