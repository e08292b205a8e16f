"""What an API server's answers say."""

from collections.abc import Mapping
from typing import Any

import msgspec

from kube.errors import ApiError, Unreadable


class _Details(msgspec.Struct, rename="camel"):
    retry_after_seconds: float | None = None


class _Status(msgspec.Struct):
    reason: str = ""
    message: str = ""
    details: _Details | None = None


def refusal(status: int, reason: str, body: bytes, headers: Mapping[str, str]) -> ApiError:
    """The error that an answer is; not every proxy on the way answers with a metav1.Status."""
    try:
        said = msgspec.json.decode(body, type=_Status)
    except (msgspec.DecodeError, UnicodeDecodeError):
        said = _Status(message=body[:200].decode(errors="replace").strip())
    wait = said.details.retry_after_seconds if said.details else None
    if wait is None and headers.get("Retry-After", "").isdecimal():
        wait = float(headers["Retry-After"])
    return ApiError(status, said.reason or reason, said.message, wait)


def decoded(body: bytes) -> dict[str, Any]:
    """An answer's JSON object. Raises Unreadable for what no API server would say."""
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Unreadable(f"what answered is no API server: {error}") from error
