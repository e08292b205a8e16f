"""Looks after a node while a test run has it: see `remains`."""

import sys
from pathlib import Path

from tests.cluster.node.remains import wait_and_remove

if __name__ == "__main__":
    wait_and_remove(Path(sys.argv[1]))
