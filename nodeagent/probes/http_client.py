"""Requests that net/http sends, over HTTP/1.1 and HTTP/2. See http_client.bpf.c."""

from struct import Struct
from typing import NamedTuple

from nodeagent.probes.http_request import FIELDS, READ, REQUEST
from nodeagent.probes.probe import Descriptor, Field, Hook, Probe
from nodeagent.probes.record import Head, Record

_ROUND_TRIP = ("net/http.(*Transport).roundTrip",)
_TRY = "net/http.(*persistConn).roundTrip"
_URL = ("net/url.URL",)
_ANSWER = ("net/http.Response",)
_ANSWER_READ = 64  # bytes of the answer that are read at once

# struct http_client: status, major, minor, resent, escaped.
_FACTS = Struct("=I4B")


class SentRequest(NamedTuple):
    """A request that was answered, or that failed.

    Without an answer `status` is 0, and `error` the type of what was returned: `*net.OpError`.
    `path` is as it was sent where it is `escaped`, else decoded. An empty `method` means GET.
    `resent` counts the requests that were redirected to this one.
    """

    head: Head
    status: int
    version: tuple[int, int]
    resent: int
    escaped: bool
    method: str
    scheme: str
    host: str
    path: str
    error: str


def read(record: Record) -> SentRequest:
    """The request that a record tells of. Raises struct.error when it is shorter than any."""
    status, major, minor, resent, escaped = _FACTS.unpack_from(record.facts)
    method, scheme, host, path, error, _ = record.texts
    return SentRequest(
        *(record.head, status, (major, minor), resent, bool(escaped)),
        *(method, scheme, host, path, error),
    )


HTTP_CLIENT = Probe(
    name="net/http client",
    source="http_client.bpf.c",
    hooks=(
        Hook(_ROUND_TRIP, "http_client_start"),
        Hook(_ROUND_TRIP, "http_client_tested", required=False, tests=_TRY),
        Hook(_ROUND_TRIP, "http_client_end", at_returns=True, tests=_TRY),
    ),
    fields=(
        *FIELDS,
        Field("request_response", REQUEST, "Response", before=READ),
        Field("url_scheme", _URL, "Scheme"),
        Field("url_host", _URL, "Host"),
        Field("url_raw_path", _URL, "RawPath"),
        Field("answer_status", _ANSWER, "StatusCode", before=_ANSWER_READ),
        Field("answer_major", _ANSWER, "ProtoMajor", before=_ANSWER_READ),
        Field("answer_minor", _ANSWER, "ProtoMinor", before=_ANSWER_READ),
        Field("answer_request", _ANSWER, "Request"),
    ),
    descriptors=(Descriptor("sent_error_type", "error"),),
    facts=_FACTS,
    read=read,
    headers="net/http.Header",
)
