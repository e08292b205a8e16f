"""Routes of served requests, by the routers that are used beside net/http's own.

One probe a request, where the router is in the binary. See http_routes.bpf.h.
"""

import re
from enum import IntEnum

from nodeagent.probes.probe import Field, Hook

_GIN = "github.com/gin-gonic/gin"
_CHI = ("github.com/go-chi/chi/v5", "github.com/go-chi/chi")
_MUX = "github.com/gorilla/mux"


class Router(IntEnum):
    """Which router told the route."""

    NET_HTTP = 0
    GIN = 1
    CHI = 2
    MUX = 3


HOOKS = (
    Hook((f"{_GIN}.(*Engine).handleHTTPRequest",), "http_route_gin", required=False),
    Hook(
        tuple(f"{package}.(*node).FindRoute" for package in _CHI), "http_route_chi", required=False
    ),
    Hook((f"{_MUX}.requestWithRoute",), "http_route_mux", required=False),
)
_CONTEXTS = tuple(f"{package}.Context" for package in _CHI)
FIELDS = (
    Field("gin_full_path", (f"{_GIN}.Context",), "fullPath", required=False),
    Field("gin_writer", (f"{_GIN}.Context",), "writermem.ResponseWriter", required=False),
    Field("chi_patterns", _CONTEXTS, "RoutePatterns", required=False),
    Field("chi_parent", _CONTEXTS, "parentCtx", required=False),
    Field("mux_path", (f"{_MUX}.Route",), "routeConf.regexp.path", required=False),
    Field("mux_template", (f"{_MUX}.routeRegexp",), "template", required=False),
)

_WILDCARDS = re.compile(r"/(?:\*/)+")


def whole(router: Router, route: str) -> str:
    """A route as its router writes it.

    chi's are those of routers within each other, each but the last with a wildcard at its end.
    """
    if router is not Router.CHI or route == "/":
        return route
    return _WILDCARDS.sub("/", route).rstrip("/") or "/"
