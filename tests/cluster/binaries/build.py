"""Builds programs once and keeps them in the per-user cache."""

import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agents.cache import directory
from tests.cluster.binaries import toolchain
from tests.cluster.binaries.errors import UnavailableError
from tests.cluster.binaries.programs import Program
from tests.cluster.binaries.progress import Progress

_LINES = 12

# One and the same environment for everybody: nothing of the user's Go settings reaches the result,
# but where modules come from and where Go keeps its caches stays theirs.
_ENVIRONMENT = {"CGO_ENABLED": "0", "GOFLAGS": "", "GOTOOLCHAIN": "local", "GOWORK": "off"}


def place(program: Program) -> Path:
    """The folder of the finished program: named by what decides about its content."""
    digest = hashlib.sha256()
    for file in sorted(program.folder.iterdir()):  # go.mod, go.sum, a main of ours
        digest.update(file.read_bytes())
    facts = (
        program.package,
        *program.ldflags,
        *program.files,
        platform.system(),
        platform.machine(),
    )
    digest.update("\0".join(facts).encode())
    name = f"{program.name}-{program.version}-{digest.hexdigest()[:12]}"
    return directory().expanduser().absolute() / "cluster" / name


def built(program: Program, progress: Progress) -> Path:
    """The program's executable, built on the first call. Raises UnavailableError."""
    target = place(program)
    if not target.is_dir():
        _make_folder(target.parent)
        with _alone(target.parent / "build.lock", progress):
            if not target.is_dir():  # nobody else built it while we waited
                _build(program, target, progress)
    return target / program.name


def _build(program: Program, target: Path, progress: Progress) -> None:
    """Build beside its place and rename: what breaks off leaves nothing that looks finished."""
    go = toolchain.go(progress.say)
    with tempfile.TemporaryDirectory(prefix=".building-", dir=target.parent) as scratch:
        made = Path(scratch) / "made"
        made.mkdir()
        command = [
            *(str(go), "build", "-trimpath", "-ldflags", " ".join(program.ldflags)),
            *("-o", str(made / program.name), program.package),
        ]
        with progress.step(f"building {program.name} {program.version}", program.seconds):
            _run(command, program)
        if program.files:
            _copy_files(go, program, made)
        made.rename(target)


def _run(command: list[str], program: Program) -> str:
    done = subprocess.run(
        command,
        cwd=program.folder,
        env=os.environ | _ENVIRONMENT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        said = "\n".join(done.stderr.strip().splitlines()[-_LINES:])
        raise UnavailableError(f"{program.name} {program.version} cannot be built here:\n{said}")
    return done.stdout


def _copy_files(go: Path, program: Program, into: Path) -> None:
    module = _run([str(go), "list", "-m", "-f", "{{.Dir}}", program.module], program).strip()
    for pattern in program.files:
        for file in sorted(Path(module).glob(pattern)):
            shutil.copyfile(file, into / file.name)  # without the module cache's read-only mode


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        hint = "SPANHOOK_CACHE names another folder"
        raise UnavailableError(f"{folder}: {error.strerror}; {hint}") from error


@contextmanager
def _alone(lock: Path, progress: Progress) -> Iterator[None]:
    """Wait until no other process builds: two at once would only take each other's processor."""
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress.say("waiting for another run that builds the cluster's programs")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
