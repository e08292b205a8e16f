"""Builds the cluster's programs ahead of the tests: `python -m tests.cluster.binaries [NAME...]`.

A name is a program (`etcd`) or a size of cluster (`api`); without names it is everything.
"""

import sys

from tests.cluster.binaries import UnavailableError, binary
from tests.cluster.binaries.programs import SIZES, default_version, programs
from tests.cluster.binaries.progress import Progress


def main(names: list[str]) -> int:
    """Build what is named; returns the exit code."""
    progress = Progress()
    known = programs(default_version())
    wanted = [part for name in names or known for part in SIZES.get(name, (name,))]
    unknown = sorted(set(wanted) - set(known))
    if unknown:
        progress.say(f"unknown: {', '.join(unknown)}; known: {', '.join([*known, *SIZES])}")
        return 2
    try:
        for name in dict.fromkeys(wanted):
            binary(name)
    except UnavailableError as error:
        progress.say(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
