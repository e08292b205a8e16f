"""Kubeconfig files: JSON, which every reader of YAML takes."""

import json
from pathlib import Path
from typing import Any

from tests.cluster.certificates import Files


def with_certificate(path: Path, url: str, authority: Path, pair: Files) -> Path:
    """Write a kubeconfig for who has a certificate; returns `path`."""
    user = {"client-certificate": str(pair.certificate), "client-key": str(pair.key)}
    return _write(path, url, authority, user)


def with_token(path: Path, url: str, authority: Path, token: str, namespace: str) -> Path:
    """Write a kubeconfig for a service account; returns `path`."""
    return _write(path, url, authority, {"token": token}, namespace)


def _write(
    path: Path, url: str, authority: Path, user: dict[str, Any], namespace: str = "default"
) -> Path:
    name = path.stem
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {"name": name, "cluster": {"server": url, "certificate-authority": str(authority)}}
        ],
        "users": [{"name": name, "user": user}],
        "contexts": [
            {"name": name, "context": {"cluster": name, "user": name, "namespace": namespace}}
        ],
        "current-context": name,
    }
    path.touch(0o600)
    path.write_text(json.dumps(document, indent=2))
    return path
