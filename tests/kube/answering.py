"""Something that answers HTTP as an API server might, and a kubeconfig for it."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@asynccontextmanager
async def answering(answer: Answer) -> AsyncIterator[str]:
    """A server on a free port that gives every request to `answer`: its address."""
    server = web.ServerRunner(web.Server(answer), shutdown_timeout=0.1)  # type: ignore[arg-type]
    await server.setup()
    site = web.TCPSite(server, "127.0.0.1", 0)
    await site.start()
    try:
        host, port = server.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await server.cleanup()


def kubeconfig(path: Path, url: str, user: dict[str, Any] | None = None, **context: str) -> Path:
    """A kubeconfig with one context; keywords are further fields of that context."""
    cluster = {"server": url}
    entry = {"cluster": "one", "user": "me", **context}
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "here",
        "clusters": [{"name": "one", "cluster": cluster}],
        "users": [{"name": "me", "user": user or {}}],
        "contexts": [{"name": "here", "context": entry}],
    }
    path.write_text(json.dumps(document))
    return path


def status(code: int, reason: str, message: str = "", **details: Any) -> web.Response:
    """A metav1.Status."""
    body = {"kind": "Status", "code": code, "reason": reason, "message": message}
    return web.json_response({**body, **({"details": details} if details else {})}, status=code)
