"""An image behind a token server."""

import asyncio
import json

from registry.client import Client
from registry.keyring import Credential, Keyring
from registry.model import Description
from tests.registry import images
from tests.registry.server import Behaviour, Request, Server, says, soon
from webhook.images.reference import parse

IMAGE = images.image(images.layer({"a": b"b"}))
TOKEN = r"/token"
SECRET = Credential("user", "word")
OK = b"HTTP/1.1 200 OK\r\n\r\n"


def protect(server: Server, realm: str = "", token: str = "good", scope: str = "") -> None:
    """Let a server ask for a token, and give it out itself."""
    where = realm or f"{server.url}/token?kept=1"
    about = scope or "repository:team/app:pull,push"
    challenge = f'Bearer realm="{where}",service="test",scope="{about}"'

    async def behave(request: Request, writer: asyncio.StreamWriter) -> None:
        if request.headers.get("authorization") == f"Bearer {token}":
            await server.honestly(request, writer)
        else:
            await says(401, WWW_Authenticate=challenge)(request, writer)

    server.on(r"/v2/", behave)
    server.on(TOKEN, gives({"token": "good", "expires_in": 300}))
    server.put(IMAGE)


def gives(answer: object) -> Behaviour:
    """A token server that answers the same JSON to everybody."""
    return says(200, json.dumps(answer).encode(), Content_Type="application/json")


async def describe(
    client: Client, server: Server, credential: Credential | None = None, within: float = 10
) -> Description:
    """What a client with a credential gets."""
    keyring = Keyring(((server.host, credential),)) if credential else Keyring()
    name = parse(f"{server.host}/team/app:1")
    return await client.describe(name, deadline=soon(within), keyring=keyring)


def asked(server: Server) -> list[Request]:
    """What the token server was asked."""
    return [request for request in server.requests if TOKEN in request.path]
