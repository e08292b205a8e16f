"""Evidence of layers in `decide`."""

from dataclasses import replace

import pytest

from tests.webhook.examples import container, image, question
from tests.webhook.images.layers.elves import NOTE_OF_GO, build_information, elf
from tests.webhook.images.layers.surveys import Member, program, surveyed, text
from webhook.candidate import Candidate
from webhook.decide import decide
from webhook.images.reference import canonical
from webhook.model import Facts, Libc, Skip, Source
from webhook.reasons import Reason

NAME = "registry.example.com/shop/orders:1"
GO = elf(note=NOTE_OF_GO, data=build_information())
HOST = elf(interpreter="/lib/ld-musl-x86_64.so.1")
CONFIGURATION = (
    '{"runtimeOptions": {"framework": {"name": "Microsoft.NETCore.App", "version": "9.0.0"}}}'
)


def decided(argv: list[str], layer: list[Member]) -> tuple[Candidate | Skip, Candidate | Skip]:
    """The answers about a container of an image: by its configuration, and with its layers."""
    one = container(NAME)
    known = image(*argv)
    more = replace(known, evidence=known.evidence + surveyed(argv, layer).evidence)
    before, after = (
        decide(question(one, facts=Facts({canonical(NAME): it}))) for it in (known, more)
    )
    return before, after


@pytest.mark.parametrize(
    ("argv", "layer", "language", "version", "libc"),
    [
        (["/app/run"], [program("app/run", GO)], "go", "1.26.1", None),
        (["/app/run"], [program("app/run", "#!/usr/bin/python3.12\n")], "python", "3.12", None),
        (["/app/run"], [program("app/run", "#!/usr/bin/env node\n")], "nodejs", None, None),
        (["/run.sh"], [program("run.sh", "exec java -jar /app.jar\n")], "java", None, None),
        (
            ["/app/run"],
            [program("app/run", HOST), text("app/run.runtimeconfig.json", CONFIGURATION)],
            "dotnet",
            "9.0.0",
            "musl",
        ),
    ],
)
def test_decides(
    argv: list[str], layer: list[Member], language: str, version: str | None, libc: Libc | None
) -> None:
    """A container of unknown language becomes one that is known, by its image's layers."""
    before, after = decided(argv, layer)

    assert isinstance(before, Skip)
    assert before.reason is Reason.LANGUAGE_UNKNOWN
    assert isinstance(after, Candidate)
    assert (after.language.name, after.version, after.libc) == (language, version, libc)
    assert Source.LAYERS in {piece.source for piece in after.evidence if piece.decides}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("#!/bin/sh\njava -jar a.jar &\nexec node b.js\n", Reason.AMBIGUOUS),
        ("#!/bin/sh\nnginx &\nexec node b.js\n", Reason.AMBIGUOUS),
        ("#!/usr/bin/env ruby\n", Reason.LANGUAGE_UNSUPPORTED),
        ("#!/bin/sh\nexec $X\n", Reason.LANGUAGE_UNKNOWN),
    ],
)
def test_does_not(content: str, reason: Reason) -> None:
    """Sides that contradict each other, and what is none of ours, are reasons to leave it alone."""
    _, after = decided(["/run.sh"], [program("run.sh", content)])

    assert isinstance(after, Skip)
    assert after.reason is reason


def test_native() -> None:
    """A program that was compiled ahead of time is left alone, with what compiled it."""
    graal = elf(interpreter="/lib64/ld-linux-x86-64.so.2", names=b"\0__svm_version_info\0")
    _, after = decided(["/app/run"], [program("app/run", graal)])

    assert isinstance(after, Skip)
    assert (after.reason, after.message) == (
        Reason.NATIVE_IMAGE,
        "/app/run is a native image (GraalVM)",
    )


@pytest.mark.parametrize(
    ("variables", "content", "reason"),
    [
        ({"GOLANG_VERSION": "1.26.1"}, "#!/usr/bin/env node\n", Reason.AMBIGUOUS),
        ({"GOLANG_VERSION": "1.26.1"}, "#!/usr/bin/env ruby\n", Reason.AMBIGUOUS),
        ({"GOLANG_VERSION": "1.26.1"}, GO, None),
        ({"GOLANG_VERSION": "1.26.1"}, HOST, None),
    ],
)
def test_against_the_base(
    variables: dict[str, str], content: bytes | str, reason: Reason | None
) -> None:
    """What the base image is for does not decide where the entry program is something else."""
    known = image("/app/run", **variables)
    found = surveyed(["/app/run"], [program("app/run", content)])
    facts = Facts({canonical(NAME): replace(known, evidence=known.evidence + found.evidence)})
    answer = decide(question(container(NAME), facts=facts))

    assert (answer.reason if isinstance(answer, Skip) else None) is reason
