"""The cluster's programs: found in `$KUBEBUILDER_ASSETS`, in the per-user cache, or built once."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.cluster.binaries.build import built
from tests.cluster.binaries.errors import UnavailableError
from tests.cluster.binaries.programs import VERSIONS, default_version, programs
from tests.cluster.binaries.progress import Progress

__all__ = ["VERSIONS", "UnavailableError", "binary", "default_version"]


def binary(
    name: str, version: str | None = None, *, environ: Mapping[str, str] = os.environ
) -> Path:
    """The executable of this name for a Kubernetes version; `default_version()` when None.

    `$KUBEBUILDER_ASSETS` is the folder that other projects' tests against an API server share. It
    has one version of its own: who asks for a certain one does not get it from there.

    Raises UnavailableError where the machine can neither find nor build it.
    """
    if not sys.platform.startswith("linux"):
        raise UnavailableError(f"clusters run on Linux only, and this is {sys.platform}")
    assets = environ.get("KUBEBUILDER_ASSETS")
    if assets and version is None and not environ.get("SPANHOOK_KUBERNETES"):
        there = Path(assets, name)
        if os.access(there, os.X_OK):
            return there
    return built(programs(version or default_version(environ))[name], Progress())
