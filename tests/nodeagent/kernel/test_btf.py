from pathlib import Path
from struct import pack

import pytest

from nodeagent.kernel.btf import KERNEL, offsets
from nodeagent.kernel.errors import KernelError

_NAMES = b"\0int\0sock\0queued\0room\0"
_INT, _SOCK, _QUEUED, _ROOM = 1, 5, 10, 17


def _file(folder: Path, *, magic: int = 0xEB9F, kind: int = 1) -> Path:
    """A description with a number and a struct of two members, the second one a bit field."""
    number = pack("=IIII", _INT, kind << 24, 4, 32)
    members = pack("=III", _QUEUED, 1, 8 * 8) + pack("=III", _ROOM, 1, 3 << 24 | 12 * 8)
    types = number + pack("=III", _SOCK, 4 << 24 | 2, 16) + members
    header = pack("=HBBIIIII", magic, 1, 0, 24, 0, len(types), len(types), len(_NAMES))
    (folder / "btf").write_bytes(header + types + _NAMES)
    return folder / "btf"


def test_members_are_found(tmp_path: Path) -> None:
    """In bytes, also behind types of other kinds."""
    wanted = [("sock", "room"), ("sock", "queued")]

    assert offsets(wanted, _file(tmp_path)) == {"queued": 8, "room": 12}


@pytest.mark.parametrize("wanted", [("sock", "int"), ("room", "queued")])
def test_what_is_not_there(tmp_path: Path, wanted: tuple[str, str]) -> None:
    """A member of another name, a struct that is none."""
    with pytest.raises(KernelError, match=f"no {wanted[1]} in struct {wanted[0]}"):
        offsets([wanted], _file(tmp_path))


def test_what_is_not_understood(tmp_path: Path) -> None:
    """Another format, a kind that we do not know, a name that nothing has, half a file."""
    wanted = [("sock", "queued")]
    cut = tmp_path / "cut"
    cut.write_bytes(_file(tmp_path).read_bytes()[:20])
    for file in (_file(tmp_path, magic=1), cut):
        with pytest.raises(KernelError, match="not understood"):
            offsets(wanted, file)
    with pytest.raises(KernelError, match="not understood"):
        offsets(wanted, _file(tmp_path, kind=31))
    with pytest.raises(KernelError, match="not understood"):
        offsets([("sock", "elsewhere")], _file(tmp_path))


def test_no_description(tmp_path: Path) -> None:
    """Kernels may be built without."""
    with pytest.raises(KernelError, match="No such file"):
        offsets([("sock", "queued")], tmp_path / "none")


def test_the_running_kernel() -> None:
    """A process knows where its thread group's number is."""
    if not KERNEL.exists():
        pytest.skip(f"{KERNEL} is not there")

    found = offsets([("task_struct", "tgid"), ("sock", "sk_sndbuf"), ("task_struct", "pid")])

    assert found["tgid"] == found["pid"] + 4
    assert found["sk_sndbuf"] > 0
