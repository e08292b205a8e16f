"""A tracer that passes traces on, as far as this machine lets it."""

from collections.abc import Callable

from nodeagent.kernel.errors import CompilerError
from nodeagent.probes.program import Limits
from nodeagent.propagation.paths import DEFAULT, Paths, choose
from nodeagent.propagation.way import Way
from nodeagent.tracing.tracer import Tracer


def opened(
    wish: str = DEFAULT,
    limits: Limits | None = None,
    make: Callable[[Limits | None, Way | None], Tracer] = lambda limits, way: Tracer(
        limits=limits, way=way
    ),
) -> tuple[Tracer, Paths]:
    """A tracer, and what became of the wish for how traces are passed on (`paths.WISHES`).

    Raises CompilerError where nothing can be traced at all.
    """
    paths = choose(wish)
    if paths.way is None:
        return make(limits, None), paths
    try:
        return make(limits, paths.way), paths
    except CompilerError as error:
        # Tracing matters more: what the whole program is refused for may be this part's fault.
        first = str(error).splitlines()[0]
        return make(limits, None), paths.without(first)
