"""Whether this machine lets us trace: root, a kernel with uprobes, bcc."""

import os
from collections.abc import Mapping
from functools import cache
from typing import NoReturn

import pytest

from nodeagent.kernel.checks import checks


def required(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether a machine that cannot trace fails its tests instead of skipping them."""
    return environ.get("SPANHOOK_REQUIRE_EBPF") == "1"


def require_tracing() -> None:
    """Skip the test where nothing can be traced; fail it where it is required."""
    if lacking := _lacking():
        give_up(f"nothing can be traced here: {lacking}")


def give_up(why: str, environ: Mapping[str, str] = os.environ) -> NoReturn:
    """Skip the test for what this machine lacks; fail it where machines have to have it."""
    if required(environ):
        pytest.fail(why, pytrace=False)
    pytest.skip(why)


@cache
def _lacking() -> str:
    return "; ".join(f"{check.name}: {check.says}" for check in checks() if check.lacks)
