"""Prints what bcc compiles, without loading it: run as a program by the Python that has bcc.

On stdin in JSON: {"source", "flags", "programs"}, their names; on stdout: hexadecimal instructions
by name.
"""

import json
import sys

from bcc import BPF


def main() -> None:
    """Answer the one question."""
    asked = json.load(sys.stdin)
    module = BPF(text=asked["source"], cflags=asked["flags"])
    found = {name: module.dump_func(name.encode()).hex() for name in asked["programs"]}
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
