"""Events that the webhook writes of an image that no registry gives it."""

from typing import Any

from registry.errors import Unauthorized
from tests.console.status.documents import of_deployment
from tests.console.status.looking import CART
from tests.console.status.shelf import event
from tests.console.status.test_pods import SHOP
from webhook import owner
from webhook.model import Absence, Context, Facts
from webhook.mutate import mutate
from webhook.reasons import Reason
from webhook.review import Review
from webhook.server.cluster.profiler.notices import _REFUSED
from webhook.server.cluster.skips import events as skipped
from webhook.settings import Settings

PRIVATE = str(Unauthorized("shop/cart at registry.example.com is not for everybody"))
"""What is said of a registry that wants credentials."""


def of_a_pod(message: str) -> Any:
    """The Event that a replica writes of a pod whose image it could not have."""
    live = of_deployment("cart", image=CART)
    absent = {CART: Absence(Reason.IMAGE_UNREACHABLE, message)}
    context = Context(SHOP, owner.of_pod(live))
    decided = mutate(live, context, Facts(absent=absent), Settings()).decisions
    (said,) = skipped(Review("uid", live, "Pod", "shop"), decided)
    return event(said.reason, said.note, said.regarding.kind, said.regarding.name)


def of_an_image(message: str) -> Any:
    """The Event that the leader writes of an image of templates."""
    return event("ImageNotReadable", _REFUSED.format(reference=CART, why=message))
