"""What a node agent says of its own machine: an InstrumentedApplication like all others.

Its workload is of kind Node, in the agents' own namespace, its container the agent's own, and in
the place of a program's probes stands what the machine allows:

    name                  state
    --------------------  ----------------------------------------------------------------------
    tracing               "on", or why nothing can be traced
    propagation/<path>    "on", or "off: …", "unavailable: …": whether traces are passed on by it

So it takes no right that the agent does not have anyway. No language is in it: nothing is decided
by it.
"""

KIND = "Node"
ON = "on"
TRACING = "tracing"
PROPAGATION = "propagation/"
