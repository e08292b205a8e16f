import os
import socket
from pathlib import Path

import pytest

from nodeagent.kernel.compiler import load
from nodeagent.kernel.errors import KernelError
from nodeagent.kernel.maps import Map
from nodeagent.kernel.sockets import control_groups, on_connections, on_messages
from tests.nodeagent.machine import require_tracing

_SOURCE = """
BPF_SOCKHASH(sockets, u64, 64);
BPF_HASH(ports, u32, u32, 64);
BPF_ARRAY(sent, u64, 1);

static u64 (*socket_cookie)(void *) = (void *)BPF_FUNC_get_socket_cookie;

int on_socket(struct bpf_sock_ops *ops)
{
	u64 cookie = socket_cookie(ops);
	u32 port = bpf_ntohl(ops->remote_port);

	if (ops->op == BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB && ports.lookup(&port))
		sockets.sock_hash_update(ops, &cookie, BPF_NOEXIST);
	return 1;
}

int on_message(struct sk_msg_md *message)
{
	u32 first = 0;
	u64 *bytes = sent.lookup(&first);

	if (bytes)
		__sync_fetch_and_add(bytes, message->size);
	return SK_PASS;
}
"""
_PROGRAMS = {"on_socket": "SOCK_OPS", "on_message": "SK_MSG"}
_NONE = 1 << 20  # no descriptor of ours
_FIRST = (0).to_bytes(4, "little")


def _talk(address: tuple[str, int], listener: socket.socket, data: bytes) -> bytes:
    with socket.create_connection(address) as one, listener.accept()[0] as other:
        one.sendall(data)
        return other.recv(1024)


def test_what_is_sent_is_seen_until_it_is_detached() -> None:
    """On sockets that the one program chose, and only as long as it is attached."""
    require_tracing()
    loaded = load(_SOURCE, _PROGRAMS, ["sockets", "ports", "sent"])
    sent = Map(loaded.maps["sent"], 4, 8)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = listener.getsockname()
        Map(loaded.maps["ports"], 4, 4).put(address[1].to_bytes(4, "little"), b"\1")
        on_messages(loaded.programs["on_message"], loaded.maps["sockets"])
        link = on_connections(loaded.programs["on_socket"], control_groups())
        assert _talk(address, listener, b"seventeen letters") == b"seventeen letters"
        link.detach()
        link.detach()  # nothing happens
        assert _talk(address, listener, b"unseen") == b"unseen"
    seen = int.from_bytes(sent.get(_FIRST) or b"", "little")
    loaded.close()

    assert seen == 17


def test_what_cannot_be_attached(tmp_path: Path) -> None:
    """A program that is none, a folder that is none, or no control group."""
    with pytest.raises(KernelError, match="map of sockets"):
        on_messages(_NONE, _NONE)
    with pytest.raises(KernelError, match="No such file"):
        on_connections(_NONE, tmp_path / "none")
    with pytest.raises(KernelError, match="control group"):
        on_connections(_NONE, tmp_path)


def _proc(folder: Path, of: str, line: str) -> Path:
    """A /proc whose processes `self` or `1` have this mount beside another."""
    (folder / of).mkdir()
    mounts = ["20 1 0:5 / /proc rw - proc proc rw", line]
    (folder / of / "mountinfo").write_text("\n".join(mounts).strip())
    return folder


def test_groups_of_a_container_are_those_of_the_machine(tmp_path: Path) -> None:
    """In a name space of its own: where they are mounted, or where the first process has them."""
    proc = _proc(tmp_path, "1", "30 1 0:26 / /sys/fs/cgroup rw shared:4 - cgroup2 cgroup2 rw")
    own = "40 1 0:26 / /sys/fs/cgroup ro - cgroup2 cgroup rw"
    (_proc(tmp_path, "self", own) / "self/ns").mkdir()
    (proc / "self/ns/cgroup").touch()
    assert control_groups(proc) == proc / "1/root/sys/fs/cgroup"

    above = "41 1 0:26 /../../.. /host/cgroup ro - cgroup2 cgroup2 rw"
    (proc / "self/mountinfo").write_text(f"{own}\n{above}\n")
    assert control_groups(proc) == Path("/host/cgroup")


def test_no_groups(tmp_path: Path) -> None:
    """Only those of version 1, or a /proc that shows nothing."""
    with pytest.raises(KernelError, match="No such file"):
        control_groups(tmp_path)
    proc = _proc(tmp_path, "1", "30 1 0:26 / /sys/fs/cgroup rw - cgroup cgroup rw,cpu")
    (_proc(tmp_path, "self", "") / "self/ns").mkdir()
    (proc / "self/ns/cgroup").touch()
    with pytest.raises(KernelError, match="no control groups of version 2"):
        control_groups(proc)


def test_groups_of_this_machine() -> None:
    """They are a folder that can be opened."""
    require_tracing()

    assert os.access(control_groups(), os.R_OK)
