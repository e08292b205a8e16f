"""Finding what was seen of a container that is to start.

It has to be the same workload, container and image. A tag says which image it is while it is known
where it points to; one that may have moved is no such word.
"""

from webhook.evidence import reference_of
from webhook.model import Facts, Object
from webhook.observed.key import Key, Workload
from webhook.observed.model import Observed


def find(container: Object, workload: Workload | None, facts: Facts) -> Observed | None:
    """What ran in this container of the workload, from this image; None where nobody saw it."""
    if workload is None or not facts.observed:
        return None
    name = reference_of(container)
    if name is None:
        return None
    digest = name.partition("@")[2] or facts.digests.get(name)
    if not digest:
        return None
    found: Observed | None = facts.observed.get(Key(workload, container.get("name") or "", digest))
    return found
