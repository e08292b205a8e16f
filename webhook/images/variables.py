"""Evidence in an image's environment: what the base images of each runtime set.

A variable is inherited: it says what the image has, and whether the entrypoint runs it is for the
command line to say. Names must match exactly: Red Hat's Python images carry NODEJS_VER, the version
of a Node.js that only their builds use.
"""

import re
from collections.abc import Mapping
from dataclasses import replace

from webhook.images import publishers, redhat, standins, versions
from webhook.model import Evidence, Libc, Source

Environment = Mapping[str, str]

_VERSIONS: Mapping[str, str] = {
    "JAVA_VERSION": "java",
    "PYTHON_VERSION": "python",
    "NODE_VERSION": "nodejs",
    "NODEJS_VERSION": "nodejs",
    "DOTNET_VERSION": "dotnet",
    "ASPNET_VERSION": "dotnet",
    "GOLANG_VERSION": "go",
}

_SIGNS: Mapping[str, str] = {
    "DOTNET_SDK_VERSION": "dotnet",
    "KO_DATA_PATH": "go",
    "CATALINA_HOME": "java",
    "JETTY_HOME": "java",
    "JBOSS_HOME": "java",
    "JAVA_APP_JAR": "java",
    # Whatever language the functions are in, the host that starts their workers is .NET.
    "AzureWebJobsScriptRoot": "dotnet",
}

_OTHERS: Mapping[str, str] = {
    "RUBY_VERSION": "~Ruby",
    "GEM_HOME": "~Ruby",
    "PHP_VERSION": "~PHP",
    "PHPIZE_DEPS": "~PHP",
    "NGINX_VERSION": "~nginx",
    "NJS_VERSION": "~nginx",
    "HTTPD_PREFIX": "~Apache httpd",
    "HAPROXY_VERSION": "~HAProxy",
    "RUST_VERSION": "~Rust",
    "CARGO_HOME": "~Rust",
    "SWIFT_VERSION": "~Swift",
    "ERLANG_VERSION": "~Erlang",
    "OTP_VERSION": "~Erlang",
    "ELIXIR_VERSION": "~Erlang",
    "RABBITMQ_VERSION": "~Erlang",
    "BUN_INSTALL": "~Bun",
    "BUN_INSTALL_BIN": "~Bun",
    "BUN_RUNTIME_TRANSPILER_CACHE_PATH": "~Bun",
    "DENO_VERSION": "~Deno",
    "DENO_DIR": "~Deno",
    "DENO_INSTALL": "~Deno",
    "JULIA_VERSION": "~Julia",
    "PERL_VERSION": "~Perl",
    # Of databases only what their servers set: applications carry PG_MAJOR or REDIS_VERSION for
    # the client that they install.
    "PGDATA": "~PostgreSQL",
    "REDIS_DOWNLOAD_URL": "~Redis",
    "REDIS_DOWNLOAD_SHA": "~Redis",
    "MYSQL_SHELL_VERSION": "~MySQL",
    "MARIADB_VERSION": "~MySQL",
    "MONGO_MAJOR": "~MongoDB",
    "MEMCACHED_SHA1": "~Memcached",
}

# Where Debian's default-jre is: programs in C++ that load a JVM (StarRocks, Impala) depend on it.
_INSTALLED_BESIDE = "/default-java"

_GLIBC_FLAVOUR = re.compile(r"(?:debian|ubuntu|photon|centos|rhel)\b")
_LONGEST_VALUE = 60


def of_environment(environment: Environment, version_label: str = "") -> tuple[Evidence, ...]:
    """Variables with a version first, then those that are only there, then what is not ours.

    `version_label` is the image's `org.opencontainers.image.version`, "" where it has none.
    """
    found = [
        *_versions(environment),
        *_bitnami(environment, version_label),
        *_java_home(environment),
        *_red_hat_java(environment),
        *_own_runtime(environment),
        *_presence(environment, _SIGNS),
        *_presence(environment, _OTHERS),
        *standins.of_environment(environment),
    ]
    return tuple(found)


def _fact(environment: Environment, name: str) -> str:
    value = environment[name]
    shown = value if len(value) <= _LONGEST_VALUE else value[: _LONGEST_VALUE - 3] + "..."
    return f"{name}={shown} in the image's environment"


def _evidence(
    environment: Environment,
    name: str,
    language: str | None,
    version: str | None = None,
    libc: Libc | None = None,
) -> Evidence:
    return Evidence(Source.IMAGE, _fact(environment, name), language, version, libc)


def _versions(environment: Environment) -> list[Evidence]:
    return [
        _evidence(environment, name, language, versions.normalise(language, environment[name]))
        for name, language in _VERSIONS.items()
        if environment.get(name)
    ]


def _java_home(environment: Environment) -> list[Evidence]:
    home = environment.get("JAVA_HOME")
    if not home:
        return []
    found = _evidence(environment, "JAVA_HOME", "java", versions.java_home(home))
    return [replace(found, decides=not home.rstrip("/").endswith(_INSTALLED_BESIDE))]


def _red_hat_java(environment: Environment) -> list[Evidence]:
    found = redhat.owned(environment.get("JBOSS_IMAGE_NAME", ""))
    return [_evidence(environment, "JBOSS_IMAGE_NAME", *found)] if found else []


def _bitnami(environment: Environment, version_label: str) -> list[Evidence]:
    """Bitnami's PATH holds a Python in its Node.js images: only the name says what an image is.

    APP_VERSION is a name that applications use for themselves, so it counts where Bitnami's label
    says the same.
    """
    found: list[Evidence] = []
    name = environment.get("BITNAMI_APP_NAME", "")
    if language := publishers.BITNAMI_RUNTIMES.get(name):
        release = environment.get("APP_VERSION", "")
        version = versions.normalise(language, release) if release == version_label else None
        found.append(_evidence(environment, "BITNAMI_APP_NAME", language, version))
    elif language := publishers.bitnami_product(name):
        found.append(_evidence(environment, "BITNAMI_APP_NAME", language))
    if _GLIBC_FLAVOUR.match(environment.get("OS_FLAVOUR", "")):
        found.append(_evidence(environment, "OS_FLAVOUR", None, None, "glibc"))
    return found


def _own_runtime(environment: Environment) -> list[Evidence]:
    """.NET without a runtime in the image: the application brings its own, or is machine code.

    `runtime-deps` sets DOTNET_RUNNING_IN_CONTAINER, and the images built on it their version too.
    """
    if "DOTNET_RUNNING_IN_CONTAINER" not in environment:
        return []
    if environment.get("DOTNET_VERSION") or environment.get("ASPNET_VERSION"):
        return []
    fact = (
        "DOTNET_RUNNING_IN_CONTAINER without DOTNET_VERSION in the image's environment:"
        " .NET with a runtime of its own, or compiled ahead of time"
    )
    return [Evidence(Source.IMAGE, fact, "dotnet")]


def _presence(environment: Environment, names: Mapping[str, str]) -> list[Evidence]:
    """One piece of evidence per language: the first of its variables that is set."""
    found: dict[str, Evidence] = {}
    for name, language in names.items():
        if environment.get(name) and language not in found:
            found[language] = _evidence(environment, name, language)
    return list(found.values())
