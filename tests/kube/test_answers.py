from pathlib import Path

import pytest
from aiohttp import web

from kube.errors import ApiError
from tests.kube.answering import status
from tests.kube.using import ask


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (
            status(404, "NotFound", 'secrets "s" not found'),
            ApiError(404, "NotFound", 'secrets "s" not found'),
        ),
        (
            status(429, "TooManyRequests", "later", retryAfterSeconds=7),
            ApiError(429, "TooManyRequests", "later", 7.0),
        ),
        (
            web.Response(status=503, reason="Down", text="no", headers={"Retry-After": "3"}),
            ApiError(503, "Down", "no", 3.0),
        ),
        (
            web.Response(status=502, body=b"\xff<html>"),
            ApiError(502, "Bad Gateway", "\ufffd<html>"),
        ),
    ],
    ids=["status", "with details", "header", "proxy"],
)
def test_a_refusal(tmp_path: Path, answer: web.Response, error: ApiError) -> None:
    """The API server's own words, and those of whatever else answers with an HTTP status."""

    async def refuse(_request: web.Request) -> web.Response:
        return answer

    with pytest.raises(ApiError) as caught:
        ask(tmp_path, refuse, lambda c: c.get("/a"))

    found = caught.value
    assert str(error) == str(found)
    assert (error.status, error.reason, error.message, error.retry_after) == (
        found.status,
        found.reason,
        found.message,
        found.retry_after,
    )


@pytest.mark.parametrize(
    ("code", "kinds"),
    [
        (400, set()),
        (401, {"passing"}),
        (403, {"forbidden"}),
        (404, {"not_found"}),
        (409, {"conflict"}),
        (410, {"gone"}),
        (429, {"passing"}),
        (500, {"passing"}),
        (504, {"passing"}),
    ],
)
def test_kinds_of_refusals(code: int, kinds: set[str]) -> None:
    """What a caller can do about it, by the status."""
    error = ApiError(code, "", "")

    names = ("passing", "forbidden", "not_found", "conflict", "gone")
    assert kinds == {name for name in names if getattr(error, name)}
    assert not str(error).endswith(": ")
