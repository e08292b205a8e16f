"""The sizes of clusters."""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

from tests.cluster import controllers, node
from tests.cluster.cluster import Cluster, running
from tests.cluster.control_plane import Options

Size = Callable[[Options, Path], AbstractContextManager[Cluster]]

SIZES: Mapping[str, Size] = {
    "api": running,
    "controllers": controllers.running,
    "node": node.running,
}


@contextmanager
def cluster(
    size: str = "api",
    *,
    version: str | None = None,
    flags: tuple[str, ...] = (),
    directory: Path | None = None,
) -> Iterator[Cluster]:
    """A new cluster of one of SIZES; it ends with the block.

    `version`: of Kubernetes, None for the default. `flags`: more of them for kube-apiserver, the
    last of two for one thing counts. `directory`: where its files stay, None for nowhere.

    Raises UnavailableError where the machine cannot have it, StartError where something does not
    start, with the end of its log.
    """
    with ExitStack() as stack:
        if directory is None:
            temporary = tempfile.TemporaryDirectory(prefix="spanhook-cluster-")
            directory = Path(stack.enter_context(temporary))
        options = Options(version=version, flags=flags)
        yield stack.enter_context(SIZES[size](options, directory))
