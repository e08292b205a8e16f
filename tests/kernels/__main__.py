"""`python -m tests.kernels`: run tests of the node agent on other kernels."""

import argparse
import os
import sys

from tests.kernels.disk import disk
from tests.kernels.machine import obstacles, run
from tests.kernels.releases import RELEASES

_TESTS = ("tests/nodeagent/kernel", "tests/nodeagent/tracing", "tests/nodeagent/propagation")
_PYTEST = ("python3", "-m", "pytest", "-q", "-rfE", "-p", "no:cacheprovider", "--no-cov")


def main() -> int:
    """The number of kernels on which tests failed."""
    words = argparse.ArgumentParser(
        prog="python -m tests.kernels",
        description="Run tests of the node agent on Debian's kernels, each in an emulated machine.",
        epilog="Programs that are traced are not built there: run `make test` first, and with"
        " SPANHOOK_REQUIRE_GO=1 where those of all versions of Go are to be traced here, too.",
    )
    known = [one.series for one in RELEASES]
    words.add_argument("--kernel", action="append", choices=known, help="all, unless it is given")
    words.add_argument("tests", nargs="*", default=_TESTS, help="what pytest is to run")
    asked = words.parse_args()
    if missing := obstacles():
        say(f"missing: {' '.join(missing)} (Debian's names)")
        return len(known)
    all_versions = f"SPANHOOK_REQUIRE_GO={os.environ.get('SPANHOOK_REQUIRE_GO', '')}"
    folder, failed = disk(say), 0
    for series in asked.kernel or known:
        say(f"Linux {series}")
        failed += run(folder, series, ["env", all_versions, *_PYTEST, *asked.tests]) != 0
    return failed


def say(text: str) -> None:
    """A line of progress."""
    sys.stderr.write(f"spanhook: {text}\n")


if __name__ == "__main__":
    sys.exit(main())
