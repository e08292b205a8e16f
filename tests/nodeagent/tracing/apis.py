"""A server that makes spans of its own, for the tests: one source, many versions of the API."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from demo.cache import contents
from demo.commands import CommandError, run
from tests.nodeagent.binary import builds
from tests.nodeagent.binary.builds import Case
from tests.nodeagent.binary.toolchains import NEWEST, UnavailableError, cache, go

_SOURCE = Path(__file__).with_name("programs") / "api"


@dataclass(frozen=True, slots=True)
class Api:
    """A build; `otel` is the version of go.opentelemetry.io/otel, the newest where it is empty."""

    case: Case
    otel: str = ""

    def __str__(self) -> str:
        return f"{self.otel or 'newest'}-{self.case}"


CASES = (
    Api(Case(NEWEST, "pie")),
    Api(Case("1.26.6", "stripped")),
    Api(Case("1.24.11", "foreign"), "1.34.0"),  # a function for the automatic SDK since 1.33
    Api(Case("1.23.9", "stripped"), "1.34.0"),
    Api(Case(NEWEST, "stripped"), "1.19.0"),
    Api(Case("1.19", "stripped"), "1.19.0"),
)
EVERYDAY = CASES[:1]
"""What is built in every run of the tests; the others where every version is required."""


def built(api: Api, say: Callable[[str], None]) -> Path:
    """The server's executable. Raises UnavailableError."""
    variant = builds.VARIANTS[api.case.variant]
    modules = _SOURCE / (f"otel-{api.otel}.mod" if api.otel else "go.mod")

    def make(into: Path) -> None:
        say(f"building OpenTelemetry's API {api}: once, about 20 s on two idle cores")
        go_ = go(api.case.version, say)
        command: list[str | Path] = [go_, "build", "-trimpath", f"-modfile={modules}"]
        settings = builds._settings(go_) | {"CGO_ENABLED": str(int(variant.cgo))}
        settings.pop("GOPROXY")  # modules come from where they do for whoever runs the tests
        command += [*variant.options, "-o", into / "api", "."]
        run(command, cwd=_SOURCE, env=settings, seconds=900)

    parts = (api.case.version, modules.name, variant.name, *variant.options, *contents(_SOURCE))
    try:
        return cache().folder(f"api-{api}", parts, make) / "api"
    except CommandError as error:
        raise UnavailableError(f"no program of the API {api}: {error}") from error
