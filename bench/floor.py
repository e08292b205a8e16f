"""The floor: the least that a webhook on the same stack can do for a review.

Starlette on uvicorn with uvloop and httptools parses the body with orjson and answers the same
small patch every time. Run as `python -m bench.floor CERTIFICATE KEY`; prints its port when ready.
"""

import base64
import sys
from typing import Any

import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_PATCH = base64.b64encode(
    orjson.dumps([{"op": "add", "path": "/metadata/labels/floor", "value": "true"}])
).decode()


async def mutate(request: Request) -> Response:
    """Parse the review, answer the fixed patch."""
    review = orjson.loads(await request.body())
    answer = {
        "uid": review["request"]["uid"],
        "allowed": True,
        "patchType": "JSONPatch",
        "patch": _PATCH,
    }
    document = {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": answer}
    return Response(orjson.dumps(document), media_type="application/json")


class Floor(uvicorn.Server):
    """Says its port when it listens."""

    async def startup(self, sockets: Any = None) -> None:
        """Listen on a free port."""
        await super().startup(sockets)
        print(self.servers[0].sockets[0].getsockname()[1], flush=True)


def main(certificate: str, key: str) -> None:
    """Serve until terminated."""
    app = Starlette(routes=[Route("/mutate", mutate, methods=["POST"])])
    config = uvicorn.Config(
        app,
        port=0,
        loop="uvloop",
        http="httptools",
        log_level="error",
        access_log=False,
        ssl_certfile=certificate,
        ssl_keyfile=key,
    )
    Floor(config).run()


if __name__ == "__main__":
    main(*sys.argv[1:])
