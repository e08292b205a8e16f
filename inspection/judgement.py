"""What a container of an image is taken for, before annotations, settings and the agent's needs."""

from collections.abc import Iterable
from dataclasses import dataclass

from webhook import environment
from webhook.choice import choose
from webhook.commandline import CommandLine, resolve
from webhook.evidence import gather
from webhook.languages import BY_NAME
from webhook.model import Evidence, Facts, Image, Libc, Object, Skip

_NOTHING = Facts()


@dataclass(frozen=True, slots=True)
class Judgement:
    """`language` is one of ours, or None with `skip` saying why there is none."""

    line: CommandLine
    evidence: tuple[Evidence, ...]
    language: str | None = None
    skip: Skip | None = None
    version: str | None = None
    libc: Libc | None = None

    @property
    def lacks_version(self) -> bool:
        """Whether the language's agent has to know a version that nothing tells.

        The C library is none of it: it counts as glibc where nothing speaks of musl.
        """
        language = BY_NAME.get(self.language or "")
        return language is not None and language.needs_version and not self.version


def judge(container: Object, image: Image | None) -> Judgement:
    """Judge a container by the rules of `webhook.decide`. Raises nothing on any valid container."""
    line = resolve(container, image)
    own = environment.of(container, image, _NOTHING, None).own
    evidence, _ = gather(container, line, image, (), own)
    chosen = choose(evidence)
    libc = next((piece.libc for piece in evidence if piece.libc), None)
    if isinstance(chosen, Skip):
        return Judgement(line, evidence, skip=chosen, libc=libc)
    return Judgement(line, evidence, chosen, None, version_of(chosen, evidence), libc)


def version_of(language: str, evidence: Iterable[Evidence]) -> str | None:
    """The version from the most trusted evidence that names the language and a version."""
    return next((e.version for e in evidence if e.language == language and e.version), None)
