"""Whom to ask, and as whom: a kubeconfig or the pod's service account.

Reading both is the `kubernetes` package's: files and data fields, exec plugins, OpenID Connect.
What it does not do is to look again: tokens in files are replaced while we run.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from kubernetes.aio.client import Configuration
from kubernetes.aio.config import ConfigException
from kubernetes.aio.config.incluster_config import InClusterConfigLoader
from kubernetes.aio.config.kube_config import KubeConfigLoader, KubeConfigMerger

from kube.errors import KubeconfigError

_SERVICE_HOST = "KUBERNETES_SERVICE_HOST"
SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
"""Where the kubelet puts a pod's token, the cluster's authority and the pod's namespace."""
_LOOK_AGAIN_SECONDS = 60.0
"""As client-go does for tokens in files; the kubelet replaces them long before they expire."""


@dataclass(frozen=True, slots=True)
class Access:
    """A cluster's address and our credentials there. `renew` fetches the credentials anew."""

    configuration: Configuration
    namespace: str | None
    origin: str
    renew: Callable[[], Awaitable[None]]


def in_cluster() -> bool:
    """Whether we run in a pod whose kubelet told us where the API server is."""
    return bool(os.environ.get(_SERVICE_HOST))


def pod_namespace(directory: Path = SERVICE_ACCOUNT) -> str | None:
    """The namespace of the pod that we run in; None outside of a cluster."""
    try:
        text = (directory / "namespace").read_text(encoding="utf-8")
    except OSError:
        return None
    return text.strip() or None


async def access(kubeconfig: Path | None = None, context: str | None = None) -> Access:
    """Access by `kubeconfig`; without one in-cluster, $KUBECONFIG or ~/.kube/config.

    Raises KubeconfigError.
    """
    if kubeconfig is None and context is None and in_cluster():
        return service_account()
    return await _kubeconfig(kubeconfig, context)


def service_account(directory: Path = SERVICE_ACCOUNT) -> Access:
    """Access as the pod that we run in. Raises KubeconfigError."""
    configuration = _configuration()
    # No proxy stands between a pod and its own API server, whatever the environment is for; and
    # where NO_PROXY has the cluster's addresses as a network, Python does not understand it.
    configuration.client_session_kwargs = {"trust_env": False}
    # Looks at the token's file again once a minute by itself.
    loader = InClusterConfigLoader(str(directory / "token"), str(directory / "ca.crt"))
    try:
        loader.load_and_set(configuration)
    except (ConfigException, OSError) as error:
        raise KubeconfigError(
            f"{directory}: {error} Is automountServiceAccountToken off?"
        ) from error

    async def renew() -> None:
        loader.load_and_set(configuration)

    return Access(configuration, pod_namespace(directory), "the pod's service account", renew)


def _configuration() -> Configuration:
    configuration = Configuration()
    # Python 3.13 asks for extensions that RFC 5280 wants and authorities of older clusters lack;
    # client-go does not.
    configuration.disable_strict_ssl_verification = True
    return configuration


async def _kubeconfig(kubeconfig: Path | None, context: str | None) -> Access:
    paths = _paths(kubeconfig)
    configuration = _configuration()
    try:
        loader = _loader(paths, context)
        await loader.load_and_set(configuration)
    except KubeconfigError:
        raise
    # What a damaged file makes the loader raise is nowhere promised.
    except Exception as error:
        raise KubeconfigError(f"{paths}: {_line(error)}") from error
    user = _user(loader)
    if "exec" in user and not (configuration.api_key or configuration.cert_file):
        raise KubeconfigError(f"{paths}: the exec plugin gave no credentials; its words are above")
    renew = _renewal(loader, configuration)
    if "tokenFile" in user or "exec" in user or "auth-provider" in user:
        configuration.refresh_api_key_hook = _now_and_then(loader, renew)  # type: ignore[assignment]
    namespace = loader.current_context["context"].get("namespace")
    return Access(configuration, namespace, paths, renew)


def _paths(kubeconfig: Path | None) -> str:
    """One path or several, as $KUBECONFIG has them."""
    if kubeconfig is not None:
        paths = str(kubeconfig)
    else:
        paths = os.environ.get("KUBECONFIG") or str(Path.home() / ".kube" / "config")
    if not any(Path(path).expanduser().is_file() for path in paths.split(os.pathsep)):
        where = "give one with --kubeconfig" if kubeconfig is None else "no such file"
        raise KubeconfigError(f"{paths}: there is no kubeconfig; {where}")
    return paths


def _loader(paths: str, context: str | None) -> KubeConfigLoader:
    merged = KubeConfigMerger(paths).config
    if merged is None or not isinstance(merged.value, dict):
        raise KubeconfigError(f"{paths}: is no kubeconfig")
    known = [str(one.value.get("name")) for one in merged.value["contexts"]]
    wanted = context or merged.value.get("current-context")
    if wanted not in known:
        said = f'has no context "{wanted}"' if wanted else "has no current-context"
        raise KubeconfigError(f"{paths}: {said}; known are {', '.join(known) or 'none'}")
    return KubeConfigLoader(config_dict=merged, active_context=wanted, config_base_path=None)


def _user(loader: KubeConfigLoader) -> dict[str, Any]:
    return {} if loader._user is None else loader._user.value  # noqa: SLF001  # has no other name


def _renewal(
    loader: KubeConfigLoader, configuration: Configuration
) -> Callable[[], Awaitable[None]]:
    async def renew() -> None:
        await loader.load_and_set(configuration)

    return renew


def _now_and_then(
    loader: KubeConfigLoader, renew: Callable[[], Awaitable[None]]
) -> Callable[[Configuration], Awaitable[None]]:
    """A hook that `Configuration` calls before each request."""
    lock = asyncio.Lock()
    next_look = monotonic() + _LOOK_AGAIN_SECONDS

    async def hook(_configuration: Configuration) -> None:
        nonlocal next_look
        async with lock:
            if monotonic() < next_look:
                return
            next_look = monotonic() + _LOOK_AGAIN_SECONDS
            # A plugin that names no expiry is asked again when its token is refused, as by kubectl.
            if "exec" not in _user(loader) or hasattr(loader, "exec_plugin_expiry"):
                await renew()

    return hook


def _line(error: Exception) -> str:
    """On one line: a YAML reader's error has four."""
    return " ".join(str(error).split()) or type(error).__name__
