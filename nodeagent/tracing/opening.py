"""A tracer that passes traces on, as far as this machine lets it."""

from collections.abc import Callable

from nodeagent.kernel.errors import CompilerError
from nodeagent.propagation.paths import DEFAULT, Paths, choose
from nodeagent.propagation.way import Way
from nodeagent.tracing.tracer import Tracer


def _make(way: Way | None) -> Tracer:
    return Tracer(way=way)


class Opening:
    """Makes a tracer, and knows what became of the wish for how traces are passed on.

    `wish` is one of `paths.WISHES`; `paths` has no state of any way until it was tried.
    """

    def __init__(
        self,
        wish: str = DEFAULT,
        make: Callable[[Way | None], Tracer] = _make,
        choose: Callable[[str], Paths] = choose,
    ) -> None:
        self.paths = Paths(wish)
        self._make = make
        self._choose = choose

    def __call__(self) -> Tracer:
        """The tracer. Raises CompilerError where nothing can be traced at all."""
        self.paths = self._choose(self.paths.wish)
        if self.paths.way is not None:
            try:
                return self._make(self.paths.way)
            except CompilerError as error:
                # Tracing matters more, and what it is refused for may be this part's fault.
                self.paths = self.paths.without(str(error).splitlines()[0])
        return self._make(None)
