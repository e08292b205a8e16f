"""Weak evidence: variables that a person sets for one runtime.

They never decide alone. A chart sets JAVA_OPTS for a program that was rewritten in Go years ago.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import repeat

from webhook.model import Evidence, Source

_NAMES: Mapping[str, str] = {
    name: language
    for language, names in (
        (
            "java",
            """JAVA_OPTS JAVA_OPTIONS JAVA_ARGS JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS
            JAVA_HOME JAVA_OPTS_APPEND JAVA_MAX_MEM_RATIO JVM_OPTS JVM_ARGS CATALINA_OPTS
            MAVEN_OPTS GRADLE_OPTS KAFKA_HEAP_OPTS KAFKA_OPTS ES_JAVA_OPTS LS_JAVA_OPTS""",
        ),
        ("python", "VIRTUAL_ENV"),
        ("nodejs", "NODE_ENV NODE_OPTIONS NODE_PATH NODE_EXTRA_CA_CERTS"),
        ("dotnet", "COMPlus_EnableDiagnostics"),
        ("go", "GOMAXPROCS GOGC GODEBUG GOMEMLIMIT GOTRACEBACK"),
        (
            "~Ruby",
            "RAILS_ENV RACK_ENV RAILS_LOG_TO_STDOUT RAILS_MASTER_KEY RUBYOPT RUBY_YJIT_ENABLE",
        ),
        ("~PHP", "PHP_INI_SCAN_DIR PHP_MEMORY_LIMIT"),
        ("~Rust", "RUST_LOG RUST_BACKTRACE"),
        ("~Erlang", "ERLANG_COOKIE RELEASE_COOKIE"),
    )
    for name in names.split()
}

# NODE_ is missing on purpose: NODE_NAME and NODE_IP are the machine's, from the downward API.
_PREFIXES: Mapping[str, str] = {
    "SPRING_": "java",
    "QUARKUS_": "java",
    "MICRONAUT_": "java",
    "PYTHON": "python",
    "DJANGO_": "python",
    "FLASK_": "python",
    "GUNICORN_": "python",
    "UVICORN_": "python",
    "NPM_CONFIG_": "nodejs",
    "npm_config_": "nodejs",
    "ASPNETCORE_": "dotnet",
    "DOTNET_": "dotnet",
}
_ANY_PREFIX = tuple(_PREFIXES)


@lru_cache(maxsize=4096)
def of_variable(name: str, source: Source = Source.ENVIRONMENT) -> Evidence | None:
    """The hint that a variable's name is, or None."""
    language = _NAMES.get(name)
    if language is None and name.startswith(_ANY_PREFIX):
        language = next(_PREFIXES[prefix] for prefix in _PREFIXES if name.startswith(prefix))
    if language is None:
        return None
    where = "pod" if source is Source.ENVIRONMENT else "image"
    return Evidence(source, f"{name} in the {where}'s environment", language, decides=False)


def of_names(names: Iterable[str], source: Source) -> tuple[Evidence, ...]:
    """One hint per language that the names speak for: the first that does."""
    hints: dict[str | None, Evidence] = {}
    # Nearly no name is a hint: the filter keeps the loop short.
    for hint in filter(None, map(of_variable, names, repeat(source))):
        hints.setdefault(hint.language, hint)
    return tuple(hints.values())
