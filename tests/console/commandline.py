"""Runs the command inside the test's process, as a shell would see it."""

from dataclasses import dataclass

from typer.testing import CliRunner

from console.main import app


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command left: its exit code and its two streams as bytes and text."""

    code: int
    stdout: bytes
    stderr: str

    @property
    def text(self) -> str:
        """What stands on stdout."""
        return self.stdout.decode()


def run(*arguments: str, stdin: bytes | str = b"") -> Ran:
    """Run `spanhook` with arguments."""
    given = stdin.encode() if isinstance(stdin, str) else stdin
    result = CliRunner().invoke(app, list(arguments), input=given)
    return Ran(result.exit_code, result.stdout_bytes, result.stderr)
