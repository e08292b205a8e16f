"""What is observed in Go programs: one value and one .bpf.c for each kind of call."""

from nodeagent.probes.api import API
from nodeagent.probes.grpc_client import GRPC_CLIENT
from nodeagent.probes.grpc_server import GRPC_SERVER
from nodeagent.probes.http_client import HTTP_CLIENT
from nodeagent.probes.http_server import HTTP_SERVER
from nodeagent.probes.probe import Probe
from nodeagent.probes.sql import SQL

PROBES: tuple[Probe, ...] = (HTTP_SERVER, HTTP_CLIENT, SQL, GRPC_SERVER, GRPC_CLIENT, API)
"""All probes; a record says by its number, counted from 1, whose it is."""
