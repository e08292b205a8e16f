"""What `spanhook node-agent --check` prints: what this machine has of what tracing needs."""

from collections.abc import Iterable, Iterator, Mapping

from nodeagent.kernel.checks import Check

_BEHIND = " " * 6
_NOT_PASSED_ON = (
    "all is traced; whom a program calls begins a trace of its own, unless the program's own code"
    " passes the trace on"
)


def lines(checks: Iterable[Check], closed: Mapping[str, str]) -> Iterator[str]:
    """A line for each thing, and one for what is left where it lacks; the last sums up.

    `no` is before what keeps tracing from working, `off` before what it goes on without.

    `closed` has ways in which traces are passed on, by name, and why each is closed; empty words
    where it is open.
    """
    lacking = []
    for check in checks:
        yield f"{_word(check)} {check.name}: {check.says}"
        if not check.passed:
            yield f"{_BEHIND}without: {check.without}"
        if check.lacks:
            lacking.append(check.name)
    for way, why in closed.items():
        yield f"{'off' if why else 'ok '} propagation by {way}: {why or 'can be used'}"
    if all(closed.values()):
        yield f"{_BEHIND}without: {_NOT_PASSED_ON}"
    names = ", ".join(lacking)
    yield (
        f"Go programs cannot be traced, for want of: {names}"
        if names
        else "Go programs can be traced"
    )


def _word(check: Check) -> str:
    if check.passed:
        return "ok "
    return "no " if check.lacks else "off"
