"""What an observation says about a container that is to start.

seen                                       evidence
-----------------------------------------  ------------------------------------------------
a runtime of ours, the same command line   decides, after annotations and before all others
a runtime of ours, another command line    a hint: images start more than one thing
something else                             a hint for people, and the C library
"""

from webhook.model import Evidence, Source
from webhook.observed.key import Workload
from webhook.observed.model import Observed


def evidence(seen: Observed, workload: Workload, command_key: str) -> Evidence:
    """The evidence for a container whose `webhook.observed.started` is `command_key`."""
    what = seen.process or seen.language or "something else"
    fact = f"{what} ran in {workload.kind} {workload.name} from this image"
    if not same_command(seen, command_key):
        fact += ", with another command line"
    elif seen.agents:
        fact += f", with {', '.join(seen.agents)}"
    decides = seen.language is not None and same_command(seen, command_key)
    return Evidence(
        Source.OBSERVED,
        fact,
        seen.language,
        seen.version if seen.language else None,
        seen.libc,
        decides=decides,
    )


def same_command(seen: Observed, command_key: str) -> bool:
    """Whether it was seen behind the same command line; where nobody said which, it counts."""
    return seen.command_key in ("", command_key)
