"""A pod's volumes as folders."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from demo.environment import ConfigError, Sources


def make_volumes(pod: Mapping[str, Any], folder: Path, sources: Sources) -> dict[str, Path]:
    """A folder for every volume of the pod, ConfigMaps and Secrets written out.

    Raises ConfigError for a kind of volume that has no meaning here.
    """
    volumes = {}
    for volume in pod["spec"].get("volumes") or ():
        path = folder / volume["name"]
        path.mkdir(parents=True)
        for name, text in _files(volume, sources).items():
            (path / name).write_text(text)
        volumes[volume["name"]] = path
    return volumes


def mounts(container: Mapping[str, Any], volumes: Mapping[str, Path]) -> dict[str, Path]:
    """Mount path in the container to the folder that stands for it."""
    return {
        mount["mountPath"].rstrip("/"): volumes[mount["name"]] / mount.get("subPath", "")
        for mount in container.get("volumeMounts") or ()
    }


def _files(volume: Mapping[str, Any], sources: Sources) -> Mapping[str, str]:
    if "emptyDir" in volume:
        return {}
    if "configMap" in volume:
        return sources.config_maps[volume["configMap"]["name"]]
    if "secret" in volume:
        return sources.secrets[volume["secret"]["secretName"]]
    raise ConfigError(
        f"volume {volume['name']}: only emptyDir, configMap and secret are known here"
    )
