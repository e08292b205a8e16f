"""Rows of tests about command lines, and what they tell in short."""

import pytest

from webhook.commandline import Program

JAVA, PYTHON, NODEJS, DOTNET, GO = "java", "python", "nodejs", "dotnet", "go"


def told(found: tuple[Program, ...]) -> str:
    """What the programs are, short: `python`, `~nginx`, `?script`, joined by ` + `."""
    return " + ".join(
        program.language or (program.foreign and f"~{program.foreign}") or f"?{program.kind}"
        for program in found
    )


def case(expected: str, *argv: str) -> object:
    """One row: what is started, and by which command line."""
    name = " ".join(argv) if any(argv) else f"{len(argv)} empty words"
    return pytest.param(argv, expected, id=name[:70])


def sh(expected: str, script: str) -> object:
    """One row for a script."""
    return pytest.param(("sh", "-c", script), expected, id=script[:70].replace("\n", "/"))
