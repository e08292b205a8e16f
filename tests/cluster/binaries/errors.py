"""What can go wrong before a cluster starts."""


class UnavailableError(Exception):
    """A program of the cluster that this machine cannot have; says why and what to do."""
