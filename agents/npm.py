"""Packages from npm, as the lock file says."""

from __future__ import annotations

import shutil
from pathlib import Path

from agents.command import BuildError, run


def interpreter(node: Path | None) -> Path:
    """Return `node` (the file, or a directory with `bin/node`), else the PATH's Node.js."""
    if node is None:
        found = shutil.which("node")
        if found is None:
            raise BuildError("building the Node.js agent needs Node.js and npm")
        return Path(found)
    return node / "bin" / "node" if node.is_dir() else node


def ci(node: Path, directory: Path) -> None:
    """Install what `directory`'s lock file pins; scripts of packages are not run."""
    options = ("--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier")
    run((*command(node), "ci", *options), cwd=directory)


def command(node: Path) -> tuple[str | Path, ...]:
    """Return what a command line of npm begins with. Raises BuildError without an npm."""
    # The npm script of a Node.js that came as a wheel has a broken import: run its JavaScript.
    script = node.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if script.is_file():
        return node, script
    found = shutil.which("npm")
    if found is None:
        raise BuildError(f"no npm beside {node}, and none on the PATH")
    return (found,)
