"""Whether what stands in the Secret now may take the place of what a replica serves.

| in memory       | in the Secret                 | caBundle shows its authority | then          |
|-----------------|-------------------------------|------------------------------|---------------|
| nothing         | something usable              | –                            | taken up      |
| A               | leaf of A                     | –                            | taken up      |
| A               | leaf of B, knows A            | –                            | taken up      |
| A               | leaf of B, does not know A    | in every entry               | taken up      |
| A               | leaf of B, does not know A    | no                           | kept out      |
| A, expired      | leaf of B                     | –                            | taken up      |
| A, a sound leaf | expired, or not for our names | –                            | kept out      |
| A               | nothing, or something broken  | –                            | kept out      |

So whoever is handed a certificate that API servers do not believe goes on with one that they do.
What was kept out is replaced from memory (`may_restore`).
"""

from collections.abc import Mapping, Sequence

from certs import bundle
from certs.authority import Leaf, Name
from certs.holdings import Holdings, Time

Bundles = Sequence[Sequence[bytes]]


def objection(
    memory: Holdings | None,
    found: Holdings,
    bundles: Bundles,
    time: Time,
    names: Sequence[Name],
) -> str | None:
    """Why `found` is kept out, None where it is taken up.

    `bundles`: what the caBundle of each entry has; `names`: what API servers call us.
    """
    if memory is None:
        return None
    if memory.leaf is not None and _sound(memory.leaf, time, names):
        if found.leaf is None:
            return "has no usable leaf"
        if not _sound(found.leaf, time, names):
            return "tls.crt: has expired, or is not for " + ", ".join(map(str, names))
    follows = memory.authority.certificate in found.trusted
    if follows or time.after(memory.authority) or shown(found, bundles):
        return None
    return (
        "tls.crt: comes from an authority that the caBundle of the webhook configuration does not "
        f"show ({bundle.subject(found.authority.certificate)})"
    )


def may_restore(
    memory: Holdings, bundles: Bundles, others: Mapping[str, str], *, leads: bool
) -> bool:
    """Whether a replica may put back what it remembers.

    `others`: what the other live replicas serve, by issuer. Somebody who was away for long may
    remember what everybody else has forgotten: then it is left to those who know better.
    """
    own = bundle.subject(memory.authority.certificate)
    return shown(memory, bundles) or (leads and set(others.values()) <= {own})


def shown(holdings: Holdings, bundles: Bundles) -> bool:
    """Whether API servers are told to believe its leaf."""
    return bool(bundles) and all(holdings.authority.certificate in one for one in bundles)


def _sound(leaf: Leaf, time: Time, names: Sequence[Name]) -> bool:
    return not time.after(leaf) and leaf.covers(names)
