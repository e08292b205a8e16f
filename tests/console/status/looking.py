"""What is said of one pod, when so much is known of its image."""

from typing import Any

from console.status.model import OpenImage, Status
from tests.console.status.answering import FakeClient, answers, ask
from tests.console.status.documents import of_deployment
from tests.console.status.shelf import listed
from webhook.images.command import command_key
from webhook.images.profile import Profile

CART = "registry.example.com/shop/cart:1"
KEY = command_key(("/run.sh",), {"image": CART})
OFF = {"data": {"settings.yaml": "imageInspection: {enabled: false}"}}


def look(*profiles: Profile, image: str = CART, **changes: Any) -> Status:
    """What is said of one pod of an image, with these profiles."""
    given = {"profiles": listed(*profiles), **changes}
    return ask(FakeClient(answers(of_deployment("cart", image=image), **given)))


def outcome(found: Status) -> tuple[str, str | None, str | None]:
    """State, language and reason of the one container."""
    ((workload,),) = (one.workloads for one in found.namespaces)
    (container,) = workload.containers
    return container.state.value, container.language, container.reason


def only(found: Status) -> OpenImage:
    """The one image of which something is not known."""
    (image,) = found.images.open
    return image
