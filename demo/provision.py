"""All languages prepared at once, as far as this machine allows."""

import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

from agents.command import BuildError
from demo.cache import Cache
from demo.commands import CommandError
from demo.runtimes import LANGUAGES
from demo.runtimes.model import Language, Prepared, UnavailableError, Workshop


@dataclass(frozen=True, slots=True)
class Missing:
    """Why a language's service cannot run here."""

    reason: str


class Progress(Protocol):
    """Who is told how far the languages are; called from several threads."""

    def step(self, language: str, text: str) -> None:
        """What a language is at."""
        ...

    def done(self, language: str, text: str, *, ready: bool, seconds: float) -> None:
        """How a language ended."""
        ...


def provision(
    cache: Cache,
    progress: Progress,
    *,
    own_runtimes: bool = False,
    languages: Iterable[Language] = LANGUAGES,
) -> Mapping[str, Prepared | Missing]:
    """Service to what is there for it; a language that fails takes no other along."""

    def prepare(language: Language) -> Prepared | Missing:
        started = time.monotonic()
        workshop = Workshop(
            cache, lambda text: progress.step(language.name, text), own_runtimes=own_runtimes
        )
        progress.step(language.name, "looking for a runtime")
        outcome = _outcome(language, workshop)
        text = outcome.reason if isinstance(outcome, Missing) else _provenance(outcome)
        seconds = time.monotonic() - started
        progress.done(language.name, text, ready=not isinstance(outcome, Missing), seconds=seconds)
        return outcome

    chosen = tuple(languages)
    pool = ThreadPoolExecutor(max_workers=len(chosen), thread_name_prefix="prepare")
    try:
        outcomes = list(pool.map(prepare, chosen))
    finally:
        # Who is interrupted does not wait for downloads.
        pool.shutdown(wait=False, cancel_futures=True)
    return {language.service: outcome for language, outcome in zip(chosen, outcomes, strict=True)}


def _outcome(language: Language, workshop: Workshop) -> Prepared | Missing:
    try:
        return language.prepare(workshop)
    except (UnavailableError, CommandError, BuildError) as error:
        return Missing(_sentence(str(error)))
    except Exception as error:  # noqa: BLE001  the rest of the shop still runs
        return Missing(f"{type(error).__name__}: {error}")


def _sentence(text: str) -> str:
    """The first line and the last: who failed, and with what after all that was said before."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return " ".join(dict.fromkeys([lines[0], lines[-1]])) if lines else "no reason was given"


def _provenance(prepared: Prepared) -> str:
    return f"{prepared.runtime.title}, {prepared.runtime.origin}"
