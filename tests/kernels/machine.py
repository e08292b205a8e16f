"""An emulated machine that runs one command. No right is needed for it, and no hardware's help."""

import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from agents.cache import directory
from tests.kernels import disk

QEMU = "qemu-system-x86_64"
TOOLS = {QEMU: "qemu-system-x86", "debootstrap": "debootstrap"}
_SIZE = "8G"  # sparse
_HOURS = 2
_ENDED = "spanhook: ended with "


def obstacles() -> list[str]:
    """Debian's packages that are missing."""
    return [package for tool, package in TOOLS.items() if shutil.which(tool) is None]


def run(folder: Path, series: str, command: Sequence[str]) -> int:
    """Run a command in a copy of the project, with what it prints on stderr; its exit code.

    `folder` is what `disk.disk` made. -1 where the machine did not get so far.
    """
    with tempfile.TemporaryDirectory(prefix="spanhook-kernels-") as scratch:
        second = Path(scratch) / "project.img"
        _project(Path(scratch) / "project", second, command)
        drives = ((folder / "disk.img", "on"), (second, "on"))
        machine: list[str | Path] = [
            *(QEMU, "-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "2", "-m", "3072"),
            *("-nographic", "-no-reboot", "-nic", "none"),
            *("-kernel", folder / f"vmlinuz-{series}", "-initrd", folder / f"initrd-{series}"),
            *("-append", "root=/dev/vda rw console=ttyS0 init=/init.sh quiet panic=1"),
        ]
        for file, snapshot in drives:
            machine += ["-drive", f"file={file},if=virtio,format=raw,snapshot={snapshot}"]
        return _watched(machine)


def _watched(machine: Sequence[str | Path]) -> int:
    code = -1
    limit = ["timeout", str(_HOURS * 3600)]
    pipe = subprocess.PIPE
    with subprocess.Popen([*limit, *machine], stdin=subprocess.DEVNULL, stdout=pipe) as process:
        assert process.stdout is not None
        for line in process.stdout:
            text = line.decode(errors="replace").rstrip()
            if text.startswith(_ENDED):
                code = int(text.removeprefix(_ENDED))
            sys.stderr.write(f"{text}\n")
    return code


def _project(folder: Path, file: Path, command: Sequence[str]) -> None:
    """The files that git knows, programs that tests on this machine have built, the command."""
    (folder / "tree").mkdir(parents=True)
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=disk.ROOT,
        stdout=subprocess.PIPE,
        check=True,
    ).stdout.decode()
    for name in filter(None, listed.split("\0")):
        if (disk.ROOT / name).is_file():
            target = folder / "tree" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(disk.ROOT / name, target)
    programs = directory() / "go-programs"
    for made in programs.glob("*-stripped-*"), programs.glob("*-pie-*"):
        for one in made:
            shutil.copytree(one, folder / "cache" / "go-programs" / one.name)
    (folder / "command").write_text(shlex.join(command) + "\n")
    disk.image(folder, file, _SIZE)
