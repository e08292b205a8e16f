"""The floor: the least that a webhook on the same stack can do for a review.

Starlette on uvicorn with uvloop and httptools parses the body with orjson and answers the same
small patch every time; at /injection it answers one that was computed beforehand, by the number of
the pod's containers. Run as `python -m bench.floor CERTIFICATE KEY [PATCHES]`, the last a JSON
object of patches by number of containers; prints its port when ready.
"""

import base64
import sys
from pathlib import Path
from typing import Any

import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

LABEL = [{"op": "add", "path": "/metadata/labels/floor", "value": "true"}]

Json = dict[str, Any]


def application(injections: dict[str, list[Json]]) -> Starlette:
    """The routes; everything that does not depend on the review is done here, once."""
    label = _encoded(LABEL)
    by_containers = {int(number): _encoded(patch) for number, patch in injections.items()}

    async def mutate(request: Request) -> Response:
        review = orjson.loads(await request.body())
        return _answer(review, label)

    async def inject(request: Request) -> Response:
        review = orjson.loads(await request.body())
        containers = review["request"]["object"]["spec"]["containers"]
        return _answer(review, by_containers[len(containers)])

    return Starlette(
        routes=[
            Route("/mutate", mutate, methods=["POST"]),
            Route("/injection", inject, methods=["POST"]),
        ]
    )


def _encoded(patch: list[Json]) -> str:
    return base64.b64encode(orjson.dumps(patch)).decode()


def _answer(review: Json, patch: str) -> Response:
    answer = {
        "uid": review["request"]["uid"],
        "allowed": True,
        "patchType": "JSONPatch",
        "patch": patch,
    }
    document = {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": answer}
    return Response(orjson.dumps(document), media_type="application/json")


class Floor(uvicorn.Server):
    """Says its port when it listens."""

    async def startup(self, sockets: Any = None) -> None:
        """Listen on a free port."""
        await super().startup(sockets)
        print(self.servers[0].sockets[0].getsockname()[1], flush=True)


def main(certificate: str, key: str, patches: str | None = None) -> None:
    """Serve until terminated."""
    config = uvicorn.Config(
        application(orjson.loads(Path(patches).read_bytes()) if patches else {}),
        port=0,
        loop="uvloop",
        http="httptools",
        log_level="error",
        access_log=False,
        timeout_keep_alive=120,  # or it would close connections that the API server still uses
        ssl_certfile=certificate,
        ssl_keyfile=key,
    )
    Floor(config).run()


if __name__ == "__main__":
    main(*sys.argv[1:])
