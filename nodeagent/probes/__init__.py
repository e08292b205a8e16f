"""What is observed in Go programs: one value and one .bpf.c for each kind of call."""

from nodeagent.probes.http_server import HTTP_SERVER
from nodeagent.probes.probe import Probe

PROBES: tuple[Probe, ...] = (HTTP_SERVER,)
"""All probes; a record says by its number, counted from 1, whose it is."""
