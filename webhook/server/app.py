"""The routes: POST /mutate, GET /healthz, /readyz, /metrics. All but the metrics is JSON."""

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from webhook.server import documents
from webhook.server.checks import Checks
from webhook.server.mutate import Mutate
from webhook.server.telemetry import CONTENT_TYPE, Telemetry

MUTATE = "/mutate"


class Application:
    """Sends reviews straight to their handler and everything else through Starlette.

    Starlette's middleware stack and router take as long as parsing the review does.
    """

    def __init__(self, mutate: Mutate, rest: ASGIApp) -> None:
        self._mutate = mutate
        self._rest = rest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        is_review = scope["path"] == MUTATE and scope["method"] == "POST"
        await (self._mutate if is_review else self._rest)(scope, receive, send)


def application(mutate: Mutate, telemetry: Telemetry, checks: Checks) -> Application:
    """The server's ASGI application."""

    async def healthz(_request: Request) -> Response:
        return _json({"status": "ok"})

    async def readyz(request: Request) -> Response:
        results = checks.results()
        failed = {name: wrong for name, wrong in results.items() if wrong is not None}
        document: dict[str, object] = {"status": "not ready" if failed else "ok"}
        if failed or "verbose" in request.query_params:
            document["checks"] = checks.described(results)
        return _json(document, 503 if failed else 200)

    async def metrics(_request: Request) -> Response:
        return Response(telemetry.exposition(), headers={"content-type": CONTENT_TYPE.decode()})

    routes = [
        Route(MUTATE, mutate, methods=["POST"]),
        Route("/healthz", healthz),
        Route("/readyz", readyz),
        Route("/metrics", metrics),
    ]
    rest = Starlette(routes=routes, exception_handlers={HTTPException: _http_error})
    rest.router.redirect_slashes = False
    return Application(mutate, rest)


async def _http_error(request: Request, exception: Exception) -> Response:
    """Starlette's 404 and 405 as JSON."""
    if not isinstance(exception, HTTPException):
        raise exception
    body = documents.error(f"{exception.detail}: {request.method} {request.url.path}")
    headers = dict(exception.headers or {}) | {"content-type": documents.JSON.decode()}
    return Response(body, exception.status_code, headers)


def _json(document: dict[str, object], status: int = 200) -> Response:
    return Response(msgspec.json.encode(document), status, media_type=documents.JSON.decode())
