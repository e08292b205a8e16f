"""Compiles and loads BPF programs, then hands their file descriptors over and ends.

Run as a program by whichever Python has bcc, which distributions package for their own only. It is
a process of its own for its memory, too: what compiles takes 100 MB and is not needed again. It
imports nothing of ours. On stdin: a socket. Asked in JSON: {"source", "flags", "programs", "maps"},
`programs` being pairs of a name and bcc's name of its type; answered in JSON: {"names", "refused"}
beside the descriptors in that order, with what was said of programs that the kernel does not take,
by name; or {"error"}.
"""

import json
import socket
import sys

NO_BCC = 3
"""The exit code where this Python has no bcc."""

try:
    from bcc import BPF, lib
except (ImportError, OSError):
    sys.exit(NO_BCC)


# A program says for which kind of attachment it is: with this one, from the kernel's linux/bpf.h,
# it can be attached in both of the ways that uprobes.py has. bcc can say so since 0.19.
_UPROBE_MULTI = {"attach_type": 48}


def _load(module: BPF, name: str, kind: str) -> BPF.Function:
    can_say = "attach_type" in BPF.load_func.__code__.co_varnames
    extra = _UPROBE_MULTI if kind == "KPROBE" and can_say else {}
    return module.load_func(name, getattr(BPF, kind), **extra)


def _load_each(module: BPF, asked: list[list[str]]) -> tuple[dict[str, int], dict[str, str]]:
    programs, refused = {}, {}
    for name, kind in asked:
        try:
            programs[name] = _load(module, name, kind).fd
        except Exception as error:  # noqa: BLE001 - bcc raises no other, and it is passed on
            refused[name] = str(error)
    return programs, refused


def main() -> None:
    """Answer the one question."""
    connection = socket.socket(fileno=0)
    asked = json.loads(connection.makefile("rb").read())
    try:
        module = BPF(text=asked["source"], cflags=asked["flags"])
    except Exception as error:  # noqa: BLE001 - as above
        connection.sendall(json.dumps({"error": str(error)}).encode())
        return
    programs, refused = _load_each(module, asked["programs"])
    maps = [lib.bpf_table_fd(module.module, name.encode()) for name in asked["maps"]]
    answer = json.dumps({"names": [*programs, *asked["maps"]], "refused": refused}).encode()
    socket.send_fds(connection, [answer], [*programs.values(), *maps])


if __name__ == "__main__":
    main()
