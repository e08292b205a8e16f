"""Which of a container's processes is its application.

What the container was started with begins a tree; probes, hooks and `kubectl exec` start others,
which are none of its business. In that tree, from the root and the oldest first, the first process
of a runtime of ours is the application, unless it is known to start others: then one of those is.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from nodeagent.observing.budget import Budget
from nodeagent.observing.files import upto
from nodeagent.observing.observation import Observation
from nodeagent.observing.proc import observe
from nodeagent.tracing.process import Process, ProcessGone
from webhook.commandline.known import MANAGERS
from webhook.commandline.wrappers import WRAPPERS

_MOST = 64
"""Processes of one container that are looked at."""
_STAT = 4096
_PARENT, _BEGAN = 1, 19  # fields of /proc/PID/stat behind the name
_RUNNERS = ("npm", "npx", "yarn", "pnpm", "npm-cli.js", "npx-cli.js", "yarn.js")
_STARTERS = frozenset((*MANAGERS, *WRAPPERS, *_RUNNERS))

_Found = tuple[Process, Observation]


@dataclass(frozen=True, slots=True, order=True)
class _Node:
    began: int
    pid: int
    parent: int
    process: Process


def application(
    processes: Sequence[Process], budget: Budget | None = None
) -> tuple[Process, Observation] | None:
    """The process that a container is for, and what it is; None where all of them are gone.

    `processes` are all of the container's at this moment, in any order. Where none is of a runtime
    of ours it is the container's first process; so it is where a manager starts several of them.
    All are looked at with one budget; where it does not suffice, what is seen of any is cut.
    """
    budget = budget or Budget()
    found = _found(processes, budget)
    return None if found is None else (found[0], replace(found[1], is_cut=budget.is_spent))


def _found(processes: Sequence[Process], budget: Budget) -> _Found | None:
    others: list[_Found] = []
    for found in _observed(processes, budget):
        if found[1].language is not None and not _names(found[1]) & _STARTERS:
            return found if _is_only(found, others, processes, budget) else _nothing(others[0])
        others.append(found)
    running = next((one for one in others if one[1].language is not None), None)
    if running is None:
        return others[0] if others else None
    return _nothing(running) if _names(running[1]) & MANAGERS else running


def _is_only(
    found: _Found, before: Sequence[_Found], processes: Sequence[Process], budget: Budget
) -> bool:
    """Whether nothing manages it together with what is of another language."""
    if not any(_names(one[1]) & MANAGERS for one in before):
        return True
    others = (one for _, one in _observed(processes, budget) if not _names(one) & _STARTERS)
    languages = {one.language for one in others}
    return languages <= {found[1].language, None}


def _nothing(found: _Found) -> _Found:
    """A process as one of no language of ours: what it is written in is not what it is for."""
    return found[0], replace(found[1], language=None, version="")


def _observed(processes: Sequence[Process], budget: Budget) -> Iterator[_Found]:
    for node in _tree(processes):
        with suppress(ProcessGone):
            yield node.process, observe(node.process, budget)


def _names(seen: Observation) -> frozenset[str]:
    return frozenset((seen.process_name, *(w.rpartition("/")[2] for w in seen.command[-1:])))


def _tree(processes: Sequence[Process]) -> Iterator[_Node]:
    """The first process of a container and all that come from it, level by level."""
    nodes = sorted(node for one in processes if (node := _node(one)) is not None)
    pids = {node.pid for node in nodes}
    level = deque([node for node in nodes if node.parent not in pids][:1])
    for _ in range(_MOST):
        if not level:
            return
        node = level.popleft()
        level.extend(one for one in nodes if one.parent == node.pid and one is not node)
        yield node


def _node(process: Process) -> _Node | None:
    try:
        text = upto(process.proc / str(process.pid) / "stat", _STAT).decode(errors="replace")
        fields = text.rpartition(")")[2].split()
        return _Node(int(fields[_BEGAN]), process.pid, int(fields[_PARENT]), process)
    except (OSError, ValueError, IndexError):
        return None
