"""What looking into layers costs: `python -m tests.inspection.measure`.

Every image of `wild` on a real registry on this machine, those after public images at a quarter of
their real size: what is read whatever an image's size is weighs more then, not less.
"""

import asyncio
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from inspection.inspector import Inspector, connect
from inspection.look import Look
from inspection.starts import start
from tests.inspection.wild import MEGABYTE, PUBLIC, TEAMS, Case
from tests.registry.debian import Running, serving
from tests.registry.pushing import push
from webhook.images.profile import image
from webhook.settings import ImageInspectionSettings

_QUARTER = MEGABYTE // 4
SHARE = 0.15
"""Of the image's compressed bytes: what a look should need at most."""
_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Measured:
    """One look."""

    case: Case
    look: Look

    @property
    def share(self) -> float:
        """What came over the wire, as a share of the layers' bytes."""
        return self.look.spent.bytes / self.look.size

    @property
    def is_decided(self) -> bool:
        """Whether the layers told what it is, and told the truth."""
        (command,) = self.look.commands
        return command.state == "decided" and command.language == self.case.language


async def _one(inspector: Inspector, host: str, case: Case, number: int) -> Measured:
    loop = asyncio.get_running_loop()
    reference = f"{host}/wild/app{number}:1"
    learned = await inspector.learn(reference, deadline=loop.time() + _SECONDS)
    asked = start({}, image(learned.profile))
    if asked is None:
        raise ValueError(f"{case.name}: its configuration decides it")
    look = await inspector.look(learned, [asked], deadline=loop.time() + _SECONDS)
    return Measured(case, look)


def fill(running: Running, cases: Sequence[Case], scale: int = MEGABYTE) -> None:
    """Push the images; `scale` is what counts as a megabyte, at most a quarter for the modelled."""
    for number, case in enumerate(cases):
        made = case.image(min(scale, _QUARTER) if case.modelled else scale)
        push(running.url, f"wild/app{number}", made, "1", authority=running.authority)


async def looks(running: Running, cases: Sequence[Case]) -> list[Measured]:
    """A look into each of the images, one after the other."""
    hosts = (running.host,)
    settings = ImageInspectionSettings(
        plain_http=() if running.authority else hosts,
        local=hosts,
        certificate_authorities=running.authority,
        layer_bytes_per_hour=10 << 30,
    )
    async with connect(settings) as inspector:
        return [
            await _one(inspector, running.host, case, number) for number, case in enumerate(cases)
        ]


def _print(name: str, found: Sequence[Measured]) -> None:
    print(f"\n{name}")  # noqa: T201
    for one in found:
        (command,) = one.look.commands
        told = " ".join(filter(None, (command.language, command.version, command.libc)))
        print(  # noqa: T201
            f"  {one.case.name:45} {command.state:10} {told:22}"
            f" {one.look.spent.bytes / 1024:8.0f} KiB of {one.look.size / (1 << 20):6.1f} MiB"
            f" {one.share:6.1%}  {one.look.spent.requests} requests"
        )
    tellable = [one for one in found if one.case.language]
    within = [one for one in found if one.is_decided and one.share <= SHARE]
    print(  # noqa: T201
        f"  decided within {SHARE:.0%} of their bytes: {len(within)} of {len(found)}"
        f" ({len(within) / len(found):.0%}), of those whose files tell it"
        f" {len(within)} of {len(tellable)} ({len(within) / len(tellable):.0%})"
    )


def main() -> None:
    """Measure and print. Another process serves, so that the peak is the reader's."""
    with tempfile.TemporaryDirectory() as directory, serving(Path(directory)) as running:
        cases = (*TEAMS, *PUBLIC)
        fill(running, cases)
        found = asyncio.run(looks(running, cases))
    _print("built by teams", found[: len(TEAMS)])
    _print("after public images", found[len(TEAMS) :])
    _print("all", found)


if __name__ == "__main__":
    main()
