from typing import Any

import pytest

from console.status.view import show
from tests.console.status.answering import FakeClient, answers, ask
from tests.console.status.documents import of_deployment
from tests.console.status.events import PRIVATE, of_an_image
from tests.console.status.looking import CART, KEY, OFF
from tests.console.status.shelf import PYTHON, SCRIPT, listed, profile
from webhook.images.profile import Command

CREDENTIALS = (
    "kubectl create secret docker-registry spanhook-pull -n spanhook-system"
    " --docker-server=registry.example.com"
)
RUN = "registry.example.com/shop/run:2"


@pytest.fixture(name="shown")
def fixture_shown(capsysbinary: pytest.CaptureFixture[bytes]) -> Any:
    """Shows what is read of pods of these images; the lines."""

    def shown(*images: str, **changes: Any) -> list[str]:
        pods = (of_deployment(f"d{number}", image=one) for number, one in enumerate(images))
        show(ask(FakeClient(answers(*pods, **changes))))
        lines = capsysbinary.readouterr().out.decode().splitlines()
        begin, end = (
            next(n for n, line in enumerate(lines) if line.startswith(f"{name} ─"))
            for name in ("Images", "Nodes")
        )
        return lines[begin + 1 : end]

    return shown


def test_all_known(shown: Any) -> None:
    """Where nothing is open, two lines are all."""
    lines = shown(CART, profiles=listed(profile(CART, PYTHON)))

    assert lines == ["    profiles  1", "  registries  asked what images are", ""]
    assert "  registries  not asked" in shown(settings=OFF)


def test_what_to_do(shown: Any) -> None:
    """The worst comes first, each advice once, lines for a shell whole."""
    told = profile(RUN, SCRIPT, Command(KEY, state="undecided"))
    lines = shown(
        "ghcr.io/acme/pay:4",
        "ghcr.io/acme/ship:4",
        RUN,
        CART,
        profiles=listed(told),
        said={"items": [of_an_image(PRIVATE)]},
    )

    starts = [line.split()[0] for line in lines if line[:1] == " " and line[1:2] != " "]
    assert starts == ["image", CART, RUN, "ghcr.io/acme/pay:4", "ghcr.io/acme/ship:4", "✗"]
    commands = [line.strip() for line in lines if line.startswith(("   kubectl", "   spanhook"))]
    assert commands == [
        f"{CREDENTIALS} --docker-username=USER --docker-password=PASSWORD",
        f"spanhook inspect {RUN}",
        "spanhook inspect ghcr.io/acme/pay:4",
    ]


def test_many(shown: Any) -> None:
    """Of many images the first are shown, and how many more there are."""
    text = "\n".join(shown(*(f"ghcr.io/acme/n{number:02}:1" for number in range(25))))

    assert text.count("no profile yet") == 10
    assert "and 15 images more" in text


def test_what_registries_say(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """Nothing from outside reaches the terminal that it would obey."""
    said = {"items": [of_an_image("\x1b]0;owned\x07")]}
    show(ask(FakeClient(answers(of_deployment("cart", image=CART), said=said))))
    text = capsysbinary.readouterr().out.decode()

    assert text.count("owned") == 2
    assert "\x1b" not in text
    assert "\x07" not in text
