"""Where a net/http.Request keeps what servers and clients both are asked for."""

from nodeagent.probes.probe import Field

REQUEST = ("net/http.Request",)
READ = 256
"""Bytes of the request that are read at once."""

FIELDS = (
    Field("request_method", REQUEST, "Method", before=READ),
    Field("request_url", REQUEST, "URL", before=READ),
    Field("request_header", REQUEST, "Header", before=READ),
    Field("request_context", REQUEST, "ctx", required=False),
    Field("url_path", ("net/url.URL",), "Path"),
)
