"""What node agents saw run, by workload, container and image: one InstrumentedApplication each."""

from webhook.observed.evidence import evidence
from webhook.observed.finding import find
from webhook.observed.key import Key, Workload, started, workload_of
from webhook.observed.model import Observed
from webhook.observed.reading import read

__all__ = ["Key", "Observed", "Workload", "evidence", "find", "read", "started", "workload_of"]
