"""From evidence to one language, or the reason why there is none.

An image that is built for Windows is Skip(WindowsPod), whatever else is said. Otherwise the sources
are asked in order of trust; the first that has evidence which decides settles it:

    languages named by that source      outcome
    ----------------------------------  -------------------------------------------
    one of ours, and none else          that language
    two of ours or more                 Skip(Ambiguous), all sides named
    a native image among them           Skip(NativeImage)
    one of ours and something foreign   that language when the command line says so (they run
                                        beside each other), else Skip(Ambiguous)
    only something foreign              Skip(LanguageUnsupported)

What the repository's name decides is the weakest of all: a hint in the pod's environment that
names another language makes it Skip(Ambiguous). So is what image, environment or repository decide
where the layers show that the entry program is something else; a native image is
Skip(NativeImage) then.
"""

from collections.abc import Iterable

from webhook.languages import BY_NAME
from webhook.model import NATIVE, WINDOWS, Evidence, Skip, Source
from webhook.reasons import Reason


def choose(evidence: tuple[Evidence, ...]) -> str | Skip:
    """The language's name, or a Skip without evidence (the caller adds it)."""
    if windows := [e for e in evidence if e.language == WINDOWS]:
        return Skip(Reason.WINDOWS_POD, _facts(windows))
    deciding = [e for e in evidence if e.decides and e.language]
    if not deciding:
        return Skip(Reason.LANGUAGE_UNKNOWN, _unknown(evidence))
    source = min((e.source for e in deciding), key=_TRUST.index)
    return _settle(source, [e for e in deciding if e.source is source], evidence)


_TRUST = tuple(Source)


def _settle(source: Source, said: list[Evidence], every: tuple[Evidence, ...]) -> str | Skip:
    names = {e.language for e in said if e.language}
    if NATIVE in names:
        return Skip(Reason.NATIVE_IMAGE, _facts(e for e in said if e.language == NATIVE))
    ours = {name for name in names if not name.startswith("~")}
    if not ours:
        return Skip(Reason.LANGUAGE_UNSUPPORTED, _facts(said))
    if len(ours) > 1 or (names > ours and source is not Source.COMMAND):
        return Skip(Reason.AMBIGUOUS, _sides(said))
    (language,) = ours
    against = [e for e in every if _contradicts(e, source, language)]
    if native := [e for e in against if e.language == NATIVE]:
        return Skip(Reason.NATIVE_IMAGE, _facts(native))
    return Skip(Reason.AMBIGUOUS, _sides([*said, *against])) if against else language


# They say what an image is built for; layers say what the entry program itself is.
_OF_IMAGES = (Source.IMAGE, Source.ENVIRONMENT, Source.REPOSITORY)


def _contradicts(evidence: Evidence, source: Source, language: str) -> bool:
    """Whether a weaker piece of evidence is against the language that a source settles."""
    if evidence.language in {None, language}:
        return False
    if evidence.source is Source.LAYERS:
        return evidence.decides and source in _OF_IMAGES
    return evidence.source is Source.ENVIRONMENT and source is Source.REPOSITORY


def _facts(evidence: Iterable[Evidence]) -> str:
    return "; ".join(dict.fromkeys(e.fact for e in evidence))


def _sides(evidence: list[Evidence]) -> str:
    """For example: Java (command starts java) and Python (command starts python)."""
    return " and ".join(f"{title(e.language or '')} ({e.fact})" for e in evidence)


def _unknown(evidence: tuple[Evidence, ...]) -> str:
    """What was seen all the same: a program that tells nothing, and hints."""
    hints = [e for e in evidence if e.language and not e.language.startswith("~")]
    told = _facts(e for e in evidence if e.source is Source.COMMAND)
    if hints:
        told += ("; " if told else "") + f"only hints: {_sides(hints)}"
    return told or "no command, image configuration or image name that tells it"


def title(language: str) -> str:
    """A language as people write it; what is none of ours stands behind a "~"."""
    known = BY_NAME.get(language)
    return known.title if known else language.removeprefix("~")
