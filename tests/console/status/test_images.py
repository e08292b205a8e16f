"""What the webhook knows of images decides here, too, and what it does not know is said."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from console.status.model import ImageState, OpenImage, Severity, Status
from kube.errors import ApiError
from registry.errors import NotFound, Unauthorized
from tests.console.status.answering import PROFILES, FakeClient, answers, ask, forbidden
from tests.console.status.documents import deployment, of_deployment
from tests.console.status.shelf import JAVA, PYTHON, RUBY, SCRIPT, event, listed, profile
from tests.console.status.test_pods import SHOP, injected
from webhook import owner
from webhook.images.command import command_key
from webhook.images.profile import Command, Profile, write
from webhook.model import Absence, Context, Facts
from webhook.mutate import mutate
from webhook.optin import LABEL
from webhook.reasons import Reason
from webhook.review import Review
from webhook.server.cluster.profiler.notices import _REFUSED
from webhook.server.cluster.skips import events as skipped
from webhook.settings import Settings

CART = "registry.example.com/shop/cart:1"
KEY = command_key(("/run.sh",))
OFF = {"data": {"settings.yaml": "imageInspection: {enabled: false}"}}
NO_LAYERS = {"data": {"settings.yaml": "imageInspection: {layers: false}"}}


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


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        (PYTHON, ("pending", "python", None)),
        (JAVA, ("pending", "java", None)),
        (RUBY, ("skipped", None, "LanguageUnsupported")),
        (SCRIPT, ("skipped", None, "LanguageUnknown")),
    ],
)
def test_a_profile_decides(config: Any, expected: Any) -> None:
    """What a profile settles is settled here, too, by tag and by digest."""
    known = profile(CART, config)
    by_digest = f"registry.example.com/shop/cart@{known.digest}"

    assert outcome(look(known)) == expected
    assert outcome(look(known, image=by_digest)) == expected
    assert outcome(look(known, image=f"copy.example/x@{known.platforms[0].digest}")) == expected
    assert look(known).images.profiles == 1


def test_the_youngest_claim() -> None:
    """A tag names what it was last seen to name, however long ago; the future does not count."""
    old = profile(CART, PYTHON, seen=timedelta(days=3))
    new = profile(CART, JAVA, seen=timedelta(days=2))
    never = profile(CART, RUBY, seen=-timedelta(days=400))

    assert outcome(look(new, old, never))[1] == "java"
    assert outcome(look(old))[1] == "python"


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


@pytest.mark.parametrize(
    ("command", "state", "message"),
    [
        (None, "unread", ""),
        (Command(KEY, state="failed", message="it broke off"), "unread", "it broke off"),
        (Command(KEY, state="undecided", message="a script"), "undecided", "a script"),
        (Command(KEY, state="budget", message="more to read"), "undecided", "more to read"),
        (Command("0" * 64, state="undecided", message="another line"), "unread", ""),
    ],
)
def test_layers(command: Command | None, state: str, message: str) -> None:
    """Where a configuration leaves it open, it is said how far the layers were read."""
    known = profile(CART, SCRIPT, *([command] if command else []))
    found = look(known)

    image = only(found)
    for digest in (known.digest, known.platforms[0].digest):
        by_digest = only(look(known, image=f"registry.example.com/shop/cart@{digest}"))
        assert (by_digest.state, by_digest.message) == (state, message)
    assert (image.state, image.message, image.skipped) == (state, message, 1)
    assert image.remedy.needed is (state == "undecided")
    assert outcome(found)[2] == "LanguageUnknown"


def test_layers_that_nobody_reads() -> None:
    """Where the settings switch layers off, waiting for them is no advice."""
    remedy = only(look(profile(CART, SCRIPT), settings=NO_LAYERS)).remedy

    assert remedy.needed
    assert "switch" in (remedy.advice or "")


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


@pytest.mark.parametrize("say", [of_a_pod, of_an_image])
def test_a_registry_that_refuses(say: Callable[[str], Any]) -> None:
    """An Event tells that an image is not pending but refused, and for want of what."""
    found = look(said={"items": [say(PRIVATE)]})

    image = only(found)
    assert (image.state, image.message) == (ImageState.UNREACHABLE, PRIVATE)
    assert image.remedy.command == (
        "kubectl create secret docker-registry spanhook-pull -n spanhook-system"
        " --docker-server=registry.example.com --docker-username=USER --docker-password=PASSWORD"
    )
    ((workload,),) = (one.workloads for one in found.namespaces)
    assert (workload.containers[0].reason, workload.containers[0].message) == (
        "ImageUnreachable",
        PRIVATE,
    )
    assert not found.healthy
    assert [one.message for one in found.findings] == [
        "Registries do not say what 1 image is; 1 container is skipped for it."
    ]


def test_other_faults() -> None:
    """Where credentials would not help they are no advice."""
    said = str(NotFound("shop/cart is not there"))
    image = only(look(said={"items": [of_a_pod(said)]}))

    assert image.state is ImageState.UNREACHABLE
    assert image.remedy.command == f"spanhook inspect {CART}"
    assert "docs/images.md" in (image.remedy.advice or "")


def test_refused_and_not_needed() -> None:
    """A registry that refuses an image whose language is known all the same is worth a note."""
    refused = event("ImageNotReadable", f"docker.io/library/python:3.12: no. {PRIVATE}")
    found = look(image="python:3.12", said={"items": [refused]})

    assert outcome(found) == ("pending", "python", None)
    notes = [one.message for one in found.findings if one.severity is Severity.NOTE]
    assert notes == ["Registries do not say what 1 image is."]


def test_events_of_others() -> None:
    """What is said of other images, workloads and things, is not said of this one."""
    others = (
        event("ImageNotReadable", "registry.example.com/shop/other:1: no"),
        event("ImageUnreachable", "Not instrumented: app: no", name="other"),
        event("ImageUnreachable", "Not instrumented: proxy: no"),
        event("LanguageUnknown", f"{CART}: no"),
        {"reason": "ImageUnreachable"},
    )

    assert only(look(said={"items": [*others]})).state is ImageState.UNKNOWN


def test_events_are_asked_for_where_they_help() -> None:
    """Events are read of namespaces with unknown images alone, and by our own name."""
    events = "/api/v1/namespaces/shop/events"
    pods = of_deployment("cart", image=CART)
    without, with_ = (
        FakeClient(answers(pods, profiles=listed(*known)))
        for known in ((), (profile(CART, PYTHON),))
    )
    ask(without)
    ask(with_)

    (query,) = (query for path, query in without.asked if path == events)
    assert query["fieldSelector"] == "reportingComponent=spanhook.dev/webhook,type=Warning"
    assert all(path != events for path, _ in with_.asked)


def test_events_that_may_not_be_read() -> None:
    """Without the right the image is as pending as it looks, and the lack is said."""
    found = look(said=forbidden("events"))

    assert only(found).state is ImageState.UNKNOWN
    assert [(one.section, one.what) for one in found.unread] == [("images", "Events of shop")]


@pytest.mark.parametrize(
    ("error", "said", "unread"),
    [
        (ApiError(404, "NotFound", "not found"), "their CRD is not installed", []),
        (forbidden("imageprofiles"), "may not be read", ["ImageProfiles"]),
    ],
)
def test_no_profiles_to_read(error: ApiError, said: str, unread: list[str]) -> None:
    """A cluster without the resource, or a person without the right, is told so, and no more."""
    found = look(profiles=error)

    assert found.images.profiles is None
    assert found.images.open == ()
    assert outcome(found) == ("skipped", None, "LanguageUnknown")
    (note,) = found.findings
    assert note.severity is Severity.NOTE
    assert said in note.message
    assert [one.what for one in found.unread] == unread
    assert look(profiles=error, settings=OFF).findings == ()


def test_a_profile_that_somebody_broke() -> None:
    """What cannot be understood is left out and said; the others count."""
    broken = write(profile("registry.example.com/other:1", JAVA))
    broken["status"]["platforms"] = "linux"
    found = look(profiles={"items": [broken, *listed(profile(CART, PYTHON))["items"]]})

    assert outcome(found)[1] == "python"
    assert found.images.profiles == 2
    assert found.images.bad[0].startswith(f"{broken['metadata']['name']}: status.platforms: ")
    assert found.findings[0].message.startswith("1 ImageProfile cannot be understood")


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


def test_platforms_of_the_settings() -> None:
    """Of an image that is not the same everywhere, the platforms that the settings name count."""
    arm = profile(CART, JAVA, platform="linux/arm64")
    amd = profile(CART, PYTHON)
    both = replace(amd, platforms=(*amd.platforms, *arm.platforms))
    chosen = {"data": {"settings.yaml": "imageInspection: {platforms: [linux/arm64]}"}}

    assert outcome(look(both))[0] == "skipped"
    assert outcome(look(both, settings=chosen))[1] == "java"


def test_profiles_come_in_pages() -> None:
    """All pages count; a list that was forgotten is begun anew, and nothing counts twice."""
    images = [f"registry.example.com/shop/n{number}:1" for number in range(120)]
    refusals = iter([ApiError(410, "Expired", "too old")])
    found = listed(*(profile(one, PYTHON) for one in images))

    def answer(query: dict[str, Any]) -> Any:
        return next(refusals, None) or found if "continue" in query else found

    client = FakeClient(answers(of_deployment("cart", image=images[-1]), profiles=answer))
    said = ask(client)

    assert outcome(said)[1] == "python"
    assert said.images.profiles == 120
    assert sum(path == PROFILES for path, _ in client.asked) > 2


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
