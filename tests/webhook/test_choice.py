import pytest

from tests.webhook import tables
from webhook import choice
from webhook.choice import choose, title
from webhook.model import Evidence, Skip, Source
from webhook.reasons import Reason


def _said(*languages: str, source: Source = Source.IMAGE) -> tuple[Evidence, ...]:
    return tuple(Evidence(source, f"{name} seen", name) for name in languages)


AGAINST = (Source.IMAGE, Source.ENVIRONMENT, Source.REPOSITORY)

ROWS: list[tuple[str, tuple[Evidence, ...], str | Reason]] = [
    ("one of ours, and none else", _said("java"), "java"),
    ("one of ours, and none else", _said("java", "java"), "java"),
    ("two of ours or more", _said("java", "python"), Reason.AMBIGUOUS),
    ("two of ours or more", _said("java", "python", source=Source.COMMAND), Reason.AMBIGUOUS),
    ("a native image among them", _said("java", "~native"), Reason.NATIVE_IMAGE),
    ("a native image among them", _said("~Ruby", "~native"), Reason.NATIVE_IMAGE),
    ("one of ours and something foreign", _said("java", "~nginx", source=Source.COMMAND), "java"),
    ("one of ours and something foreign", _said("java", "~nginx"), Reason.AMBIGUOUS),
    ("only something foreign", _said("~Ruby"), Reason.LANGUAGE_UNSUPPORTED),
    ("only something foreign", _said("~Ruby", "~nginx"), Reason.LANGUAGE_UNSUPPORTED),
]


def _outcome(evidence: tuple[Evidence, ...]) -> str | Reason:
    chosen = choose(evidence)
    return chosen.reason if isinstance(chosen, Skip) else chosen


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [pytest.param(*row[1:], id=f"{n}: {row[0]}") for n, row in enumerate(ROWS)],
)
def test_rows(evidence: tuple[Evidence, ...], expected: str | Reason) -> None:
    """What a source says settles the language, or is the reason why there is none."""
    assert _outcome(evidence) == expected


def test_same_rows() -> None:
    """The table in the docstring has the rows of the test."""
    names = [row[0] for row in tables.rows(choice)]

    assert names == list(dict.fromkeys(row[0] for row in ROWS))


@pytest.mark.parametrize("trusted", list(Source))
def test_order_of_trust(trusted: Source) -> None:
    """The first source that decides settles it, whatever comes after it."""
    after = [
        source for source in Source if list(Source).index(source) > list(Source).index(trusted)
    ]
    evidence = [*_said("python", source=trusted)]
    evidence += [e for source in after for e in _said("java", source=source)]
    if trusted is Source.REPOSITORY:
        evidence = [e for e in evidence if e.source is not Source.ENVIRONMENT]
    if trusted in AGAINST:
        evidence = [e for e in evidence if e.source is not Source.LAYERS]

    assert choose(tuple(reversed(evidence))) == "python"


@pytest.mark.parametrize("source", list(Source))
def test_layers_against_the_image(source: Source) -> None:
    """What an image is built for does not decide where its layers show another entry program."""
    evidence = _said("go", source=source)
    native = Reason.NATIVE_IMAGE if source in {*AGAINST, Source.LAYERS} else "go"
    both = Reason.AMBIGUOUS if source in {*AGAINST, Source.LAYERS} else "go"
    hint = Evidence(Source.LAYERS, "a jar", "java", decides=False)

    assert _outcome((*evidence, *_said("java", source=Source.LAYERS))) == both
    assert _outcome((*evidence, *_said("~Ruby", source=Source.LAYERS))) == both
    assert _outcome((*evidence, *_said("~native", source=Source.LAYERS))) == native
    assert _outcome((*evidence, *_said("go", source=Source.LAYERS), hint)) == "go"


@pytest.mark.parametrize("source", list(Source))
def test_windows(source: Source) -> None:
    """An image that is built for Windows is none of ours, whatever else is said."""
    evidence = (*_said("java", source=Source.ANNOTATION), *_said("~Windows", source=source))

    assert _outcome(evidence) is Reason.WINDOWS_POD


def test_hints_do_not_decide() -> None:
    """Hints alone are no decision, and are named in the message."""
    skip = choose((Evidence(Source.IMAGE, "a hint", "java", decides=False),))

    assert skip == Skip(Reason.LANGUAGE_UNKNOWN, "only hints: Java (a hint)")


def test_nothing() -> None:
    """Without evidence the language is unknown."""
    skip = choose(())

    assert isinstance(skip, Skip)
    assert skip.reason is Reason.LANGUAGE_UNKNOWN


@pytest.mark.parametrize(
    ("hint", "expected"),
    [("python", "python"), ("java", Reason.AMBIGUOUS), ("~Ruby", Reason.AMBIGUOUS)],
)
def test_repository_against_environment(hint: str, expected: str | Reason) -> None:
    """The repository's name is so weak that a hint for another language makes it ambiguous."""
    evidence = (
        *_said("python", source=Source.REPOSITORY),
        Evidence(Source.ENVIRONMENT, "a variable", hint, decides=False),
    )

    assert _outcome(evidence) == expected


def test_both_sides_are_named() -> None:
    """An ambiguous container is told all that was seen."""
    skip = choose(_said("nodejs", "dotnet"))

    assert skip == Skip(Reason.AMBIGUOUS, "Node.js (nodejs seen) and .NET (dotnet seen)")


@pytest.mark.parametrize(
    ("language", "expected"), [("nodejs", "Node.js"), ("~Ruby", "Ruby"), ("cobol", "cobol")]
)
def test_title(language: str, expected: str) -> None:
    """Languages are called what people call them."""
    assert title(language) == expected
