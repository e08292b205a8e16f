"""What the webhook wrote down of images decides here, too."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from console.status.model import Severity
from kube.errors import ApiError
from tests.console.status.answering import PROFILES, FakeClient, answers, ask, forbidden
from tests.console.status.documents import of_deployment
from tests.console.status.looking import CART, OFF, look, outcome
from tests.console.status.shelf import JAVA, PYTHON, RUBY, SCRIPT, listed, profile
from webhook.images.profile import write


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


def test_platforms_of_the_settings() -> None:
    """Of an image that is not the same everywhere, the platforms that the settings name count."""
    arm = profile(CART, JAVA, platform="linux/arm64")
    amd = profile(CART, PYTHON)
    both = replace(amd, platforms=(*amd.platforms, *arm.platforms))
    chosen = {"data": {"settings.yaml": "imageInspection: {platforms: [linux/arm64]}"}}

    assert outcome(look(both))[0] == "skipped"
    assert outcome(look(both, settings=chosen))[1] == "java"


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
