"""`tests.waiting`, where it is looked for beside the cluster."""

from tests.waiting import until

__all__ = ["until"]
