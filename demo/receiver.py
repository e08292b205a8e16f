"""An OTLP receiver on loopback: traces are kept, metrics and logs are counted."""

import gzip
import threading
import zlib
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import uvicorn
from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from demo.ports import loopback_socket
from demo.spans import spans_of
from demo.store import SpanStore

_PROTOBUF = "application/x-protobuf"
_LARGEST = 16 * 1024 * 1024  # bytes, packed and unpacked
_STOP_SECONDS = 10

Handler = Callable[[Request], Awaitable[Response]]


class _TooLargeError(Exception):
    pass


def application(store: SpanStore) -> Starlette:
    """The three routes of OTLP over HTTP (protobuf, plain or gzip)."""
    return Starlette(
        routes=[
            Route("/v1/traces", _traces(store), methods=["POST"]),
            Route("/v1/metrics", _counted(store, "metrics"), methods=["POST"]),
            Route("/v1/logs", _counted(store, "logs"), methods=["POST"]),
        ]
    )


@contextmanager
def receiving(store: SpanStore) -> Iterator[str]:
    """Serve on a free loopback port; yields the endpoint, stops at the end."""
    listener = loopback_socket()
    # Here, not in the thread: who connects before uvicorn runs waits instead of being refused.
    listener.listen(128)
    config = uvicorn.Config(
        application(store), log_level="error", access_log=False, timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],), name="otlp", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(_STOP_SECONDS)
        listener.close()


def _traces(store: SpanStore) -> Handler:
    async def handle(request: Request) -> Response:
        if request.headers.get("content-type", "").partition(";")[0] != _PROTOBUF:
            return Response("only application/x-protobuf is read here\n", 415)
        message = ExportTraceServiceRequest()
        try:
            message.ParseFromString(await _body(request))
        except _TooLargeError:
            return Response(f"at most {_LARGEST} bytes\n", 413)
        except (DecodeError, OSError, EOFError, zlib.error):
            return Response("the body is no ExportTraceServiceRequest\n", 400)
        store.count("traces")
        store.add(spans_of(message))
        return Response(b"", media_type=_PROTOBUF)

    return handle


def _counted(store: SpanStore, signal: str) -> Handler:
    async def handle(request: Request) -> Response:
        async for _ in request.stream():
            pass
        store.count(signal)
        return Response(b"", media_type=_PROTOBUF)

    return handle


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LARGEST:
            raise _TooLargeError
    if request.headers.get("content-encoding") == "gzip":
        return _unpacked(bytes(body))
    return bytes(body)


def _unpacked(body: bytes) -> bytes:
    # A few kilobytes can unpack to gigabytes: read one byte more than is allowed, not all.
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    unpacked = unpacker.decompress(body, _LARGEST + 1)
    if len(unpacked) > _LARGEST:
        raise _TooLargeError
    if not unpacker.eof:
        raise gzip.BadGzipFile("the stream ends early")
    return unpacked
