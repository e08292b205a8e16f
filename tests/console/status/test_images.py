"""Images of which something is not known: what is said of them, and what they skip."""

from console.status.model import ImageState
from tests.console.status.answering import FakeClient, answers, ask
from tests.console.status.documents import deployment, of_deployment
from tests.console.status.looking import CART, KEY, OFF, look, only, outcome
from tests.console.status.shelf import PYTHON, SCRIPT, listed, profile
from tests.console.status.test_pods import injected
from webhook.images.profile import Command
from webhook.optin import LABEL


def test_no_profile() -> None:
    """Where the webhook would ask and not know yet, its reason stands, and the image is listed."""
    found = look()

    assert outcome(found) == ("skipped", None, "ImagePending")
    image = only(found)
    assert (image.reference, image.state) == (CART, ImageState.UNKNOWN)
    assert (image.namespaces, image.containers, image.skipped) == (("shop",), 1, 1)
    assert image.remedy.command == f"spanhook inspect {CART}"
    assert not image.remedy.needed
    assert found.healthy


def test_known_without_its_image() -> None:
    """An image that is not needed for the decision counts, and skips nothing."""
    found = look(image="python:3.12")

    assert outcome(found) == ("pending", "python", None)
    assert (only(found).containers, only(found).skipped) == (1, 0)


def test_nothing_to_know() -> None:
    """What is instrumented, opted out, or a node's own has no image that matters."""
    own = of_deployment("own", image=CART)
    own["spec"]["containers"][0]["imagePullPolicy"] = "Never"
    pods = (
        injected(of_deployment("done")),
        of_deployment("out", image=CART, labels={LABEL: "disabled"}),
        own,
    )

    assert ask(FakeClient(answers(*pods))).images.open == ()


def test_switched_off() -> None:
    """Where registries are not asked no image is pending; profiles that are there still count."""
    found = look(settings=OFF)

    assert outcome(found) == ("skipped", None, "LanguageUnknown")
    assert not found.images.enabled
    assert found.images.open == ()
    assert outcome(look(profile(CART, PYTHON), settings=OFF))[1] == "python"


def test_no_inspection() -> None:
    """With --no-inspection nobody will learn the image: that is what is said of it."""
    found = look(deployment=deployment(2, 2, "0.1.0", "--no-inspection"))

    assert outcome(found) == ("skipped", None, "ImagePending")
    assert not found.images.enabled
    assert only(found).remedy.command is None
    assert "asks no registry" in (only(found).remedy.advice or "")


def test_many_images() -> None:
    """Each image is told of once, however many use it, the worst first."""
    other = "registry.example.com/shop/other:1"
    pods = [of_deployment("cart", f"{n:05}", image=CART) for n in range(3)]
    pods += [of_deployment("cart", f"{n:05}", image=other) for n in range(3, 8)]
    script = profile(other, SCRIPT, Command(KEY, state="undecided", message="a script"))

    found = ask(FakeClient(answers(*pods, profiles=listed(script))))

    assert [(one.reference, one.containers) for one in found.images.open] == [(other, 5), (CART, 3)]
    ((workload,),) = (one.workloads for one in found.namespaces)
    assert sorted((one.reason, one.pods) for one in workload.containers) == [
        ("ImagePending", 3),
        ("LanguageUnknown", 5),
    ]


def test_images_of_one_container() -> None:
    """While a new tag is rolled out, a container's two unknown images are one line about it."""
    pods = [of_deployment("cart", f"{n:05}", image=f"{CART}{n}") for n in range(2)]

    found = ask(FakeClient(answers(*pods)))

    ((workload,),) = (one.workloads for one in found.namespaces)
    assert [(one.reason, one.pods) for one in workload.containers] == [("ImagePending", 2)]
    assert len(found.images.open) == 2


def test_one_known_and_one_not() -> None:
    """An image that is not known takes nothing from its neighbour in the pod, which is."""
    live = of_deployment("cart", image=CART)
    live["spec"]["containers"].append({"name": "other", "image": "registry.example.com/other:1"})

    found = ask(FakeClient(answers(live, profiles=listed(profile(CART, PYTHON)))))

    ((workload,),) = (one.workloads for one in found.namespaces)
    assert [(one.name, one.language, one.reason) for one in workload.containers] == [
        ("app", "python", None),
        ("other", None, "ImagePending"),
    ]
    assert only(found).reference == "registry.example.com/other:1"
