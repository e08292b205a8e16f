"""From the body of a request to the answer: what stands between HTTP and the core."""

from collections import ChainMap
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol, cast

import msgspec

from webhook.images.missing import missing
from webhook.model import Absence, Facts, Image, Namespace, Outcome
from webhook.mutate import admit
from webhook.review import BadReview, Review, parse, respond
from webhook.server import documents
from webhook.settings import Settings
from webhook.value import Value

BUG = "spanhook failed on this pod and left it as it was; please report what its log says"


class Admit(Protocol):
    """`webhook.mutate.admit`, or what a test puts in its place."""

    def __call__(
        self,
        review: Review,
        namespace: Namespace,
        facts: Facts,
        settings: Settings,
        *,
        opted_in: bool,
    ) -> Outcome:
        """What the pod gets."""
        ...


class Answer(Value):
    """An HTTP status and body. `review` and `outcome` are None for what could not be read."""

    status: int
    body: bytes
    review: Review | None = None
    outcome: Outcome | None = None
    failure: BaseException | None = None
    missing: tuple[str, ...] = ()
    """Images that could change the answer and are not known, by canonical reference."""


@dataclass(slots=True)
class Reviewer:
    """Answers reviews from what is in memory: no I/O, and nothing is raised.

    Facts and namespaces may be mappings that somebody else keeps up to date, and `settings` may be
    replaced: in between two answers, since all of it happens on one event loop.
    """

    settings: Settings
    facts: Facts
    opted_in: bool
    namespaces: Mapping[str, Namespace] = field(default_factory=dict)
    """What is known of namespaces, by name; one that is not here has its name alone."""
    asks: bool = False
    """Whether somebody can ask for images that are not known: only then answers name them."""
    admit: Admit = admit
    parse: Callable[[bytes], Review] = parse
    respond: Callable[[Review, Outcome], bytes] = respond

    def answer(self, body: bytes) -> Answer:
        """The answer to the body of a POST to /mutate.

        The core catches what its parts raise. What is caught here is a bug in that place itself: a
        webhook that answers 500 turns pods away where somebody set failurePolicy: Fail.
        """
        try:
            review = self.parse(body)
        except BadReview as bad:
            return Answer(400, documents.error(str(bad)))
        except Exception as failure:  # noqa: BLE001
            return _salvage(body, failure)
        return self._reviewed(review, self.facts)

    def again(
        self, review: Review, images: Mapping[str, Image], absent: Mapping[str, Absence]
    ) -> Answer:
        """The answer with images that came meanwhile, and with why the others did not."""
        known = ChainMap(dict(images), cast("dict[str, Image]", self.facts.images))
        return self._reviewed(review, replace(self.facts, images=known, absent=absent))

    def _reviewed(self, review: Review, facts: Facts) -> Answer:
        try:
            name = review.namespace
            namespace = self.namespaces.get(name or "") or Namespace(name=name)
            outcome = self.admit(review, namespace, facts, self.settings, opted_in=self.opted_in)
            wanted = missing(outcome.decisions, facts) if self.asks else ()
            body = self.respond(review, outcome)
            return Answer(200, body, review, outcome, outcome.failure, wanted)
        except Exception as failure:  # noqa: BLE001
            return Answer(200, documents.allowed(review.uid, BUG), review, None, failure)


class _Request(msgspec.Struct):
    uid: str


class _Uid(msgspec.Struct):
    request: _Request


def _salvage(body: bytes, failure: Exception) -> Answer:
    """Allow what we failed to read, if at least it can be named."""
    try:
        uid = msgspec.json.decode(body, type=_Uid).request.uid
    except (ValueError, RecursionError):
        return Answer(400, documents.error("the review cannot be read"), failure=failure)
    return Answer(200, documents.allowed(uid, BUG), failure=failure)
