"""Pushes images by the distribution protocol's uploads, over one connection."""

import ssl
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPSConnection
from urllib.parse import urlsplit

from tests.registry.images import Blob, Image, Index

PATIENCE = 10.0


def push(
    url: str,
    repository: str,
    content: Image | Index,
    tag: str = "latest",
    *,
    authority: str = "",
    authorization: str = "",
) -> None:
    """Push an image or an index to the registry at `url`. Raises AssertionError for a refusal."""
    parts = urlsplit(url)
    assert parts.hostname
    if parts.scheme == "https":
        context = ssl.create_default_context(cadata=authority)
        connection: HTTPConnection = HTTPSConnection(
            parts.hostname, parts.port, timeout=PATIENCE, context=context
        )
    else:
        connection = HTTPConnection(parts.hostname, parts.port, timeout=PATIENCE)
    pusher = _Pusher(connection, f"/v2/{repository}", authorization)
    try:
        pusher.push(content, tag)
    finally:
        connection.close()


class _Pusher:
    def __init__(self, connection: HTTPConnection, root: str, authorization: str) -> None:
        self._connection = connection
        self._root = root
        self._headers = {"Authorization": authorization} if authorization else {}

    def push(self, content: Image | Index, tag: str) -> None:
        if isinstance(content, Image):
            for blob in (content.config, *content.layers):
                self._blob(blob)
            self._manifest(content.manifest, tag)
            return
        for one in content.images:
            self.push(one, one.manifest.digest)
        self._manifest(content.index, tag)

    def _manifest(self, manifest: Blob, reference: str) -> None:
        path = f"{self._root}/manifests/{reference}"
        self._send("PUT", path, 201, manifest.content, {"Content-Type": manifest.media_type})

    def _blob(self, blob: Blob) -> None:
        location = self._send("POST", f"{self._root}/blobs/uploads/", 202)
        joint = "&" if "?" in location else "?"
        self._send(
            "PUT",
            f"{location}{joint}digest={blob.digest}",
            201,
            blob.content,
            {"Content-Type": "application/octet-stream"},
        )

    def _send(
        self,
        method: str,
        path: str,
        expected: int,
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> str:
        self._connection.request(method, path, body, self._headers | dict(headers or {}))
        response = self._connection.getresponse()
        text = response.read()
        assert response.status == expected, f"{method} {path}: {response.status} {text!r}"
        return response.headers.get("Location", "")
