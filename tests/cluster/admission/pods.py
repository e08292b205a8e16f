"""Pods for tests."""

from typing import Any

Json = dict[str, Any]

HARDENED: Json = {
    "allowPrivilegeEscalation": False,
    "capabilities": {"drop": ["ALL"]},
    "runAsNonRoot": True,
    "seccompProfile": {"type": "RuntimeDefault"},
}
"""What the restricted Pod Security Standard asks of a container."""

LANGUAGES = {
    "java": "eclipse-temurin:21",
    "python": "python:3.12",
    "nodejs": "node:22",
    "dotnet": "mcr.microsoft.com/dotnet/aspnet:8.0",
}
"""Language → an image that tells it."""


def container(name: str = "app", language: str = "python", **fields: Any) -> Json:
    """A container of a language."""
    return {"name": name, "image": LANGUAGES[language], **fields}


def pod(*containers: Json, name: str = "cart", **spec: Any) -> Json:
    """A pod; without containers it has one of Python."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name},
        "spec": {"containers": [*containers] or [container()], **spec},
    }


def resources(requests: dict[str, str] | None = None, limits: dict[str, str] | None = None) -> Json:
    """A container's `resources`; what is not given is absent."""
    both = {"requests": requests, "limits": limits}
    return {"resources": {key: value for key, value in both.items() if value is not None}}
