"""Versions, C libraries and other facts, from where official images have them."""

import json

import pytest

from tests.webhook.images.layers.elves import elf
from tests.webhook.images.layers.surveys import (
    Layer,
    Member,
    files,
    folder,
    link,
    program,
    surveyed,
    text,
)

GLIBC = elf(interpreter="/lib64/ld-linux-x86-64.so.2")
MUSL = elf(interpreter="/lib/ld-musl-x86_64.so.1")
NODE_VERSION = """#ifndef SRC_NODE_VERSION_H_
#define NODE_MAJOR_VERSION 22
#define NODE_MINOR_VERSION 23
#define NODE_PATCH_VERSION 2
"""
TEMURIN = (
    'IMPLEMENTOR="Eclipse Adoptium"\nJAVA_RUNTIME_VERSION="17.0.20+8"\nJAVA_VERSION="17.0.20"\n'
)


def configuration(framework: str = "Microsoft.NETCore.App", version: str = "8.0.0") -> str:
    """What `dotnet publish` writes beside an application."""
    wanted = {"name": framework, "version": version}
    return json.dumps({"runtimeOptions": {"tfm": "net8.0", "framework": wanted}})


PYTHON = [  # docker-library/python
    link("usr/local/bin/python", "python3"),
    link("usr/local/bin/python3", "python3.12"),
    program("usr/local/bin/python3.12", GLIBC),
    folder("usr/local/lib/python3.12"),
]
DEBIAN_PYTHON = [  # distroless/python3-debian12
    link("usr/bin/python3", "python3.11"),
    program("usr/bin/python3.11", GLIBC),
    *files("usr/lib/python3.11/os.py", "usr/lib/python3/dist-packages/x.py"),
]
JAVA = [  # eclipse-temurin
    program("opt/java/openjdk/bin/java", GLIBC),
    *files("opt/java/openjdk/lib/server/libjvm.so"),
    text("opt/java/openjdk/release", TEMURIN),
]
DEBIAN_JAVA = [
    link("usr/bin/java", "/etc/alternatives/java"),
    link("etc/alternatives/java", "/usr/lib/jvm/java-17-openjdk-amd64/bin/java"),
    program("usr/lib/jvm/java-17-openjdk-amd64/bin/java", GLIBC),
    *files("usr/lib/jvm/java-17-openjdk-amd64/lib/server/libjvm.so"),
    text("usr/lib/jvm/java-17-openjdk-amd64/release", 'JAVA_VERSION="17.0.19"\n'),
]
JAVA_8 = [
    *files("usr/lib/jvm/java-8-openjdk-amd64/jre/lib/amd64/server/libjvm.so"),
    text("usr/lib/jvm/java-8-openjdk-amd64/release", 'JAVA_VERSION="1.8.0_402"\n'),
]
NODE = [
    text("usr/local/include/node/node_version.h", NODE_VERSION),
    program("usr/local/bin/node", MUSL),
]
ASPNET = [  # mcr.microsoft.com/dotnet/aspnet
    link("usr/bin/dotnet", "/usr/share/dotnet/dotnet"),
    program("usr/share/dotnet/dotnet", MUSL),
    folder("usr/share/dotnet/shared/Microsoft.NETCore.App/8.0.22"),
    *files("usr/share/dotnet/shared/Microsoft.NETCore.App/8.0.22/libcoreclr.so"),
]
API = [
    *files("app/Api.dll", "app/Api.deps.json"),
    text("app/Api.runtimeconfig.json", configuration()),
]

# (id, command line, layers from the top, version, libc)
CASES: list[tuple[str, list[str], list[Layer], str | None, str | None]] = [
    ("python", ["python", "x.py"], [PYTHON], "3.12", "glibc"),
    ("python3", ["python3", "-m", "x"], [PYTHON], "3.12", "glibc"),
    ("Debian's python3", ["/usr/bin/python3"], [DEBIAN_PYTHON], "3.11", "glibc"),
    (
        "gunicorn",
        ["gunicorn", "x:y"],
        [files("usr/local/lib/python3.12/site-packages/x.py")],
        "3.12",
        None,
    ),
    (
        "gunicorn with its interpreter",
        ["gunicorn", "x:y"],
        [[program("usr/local/bin/gunicorn", "#!/usr/local/bin/python\n")], PYTHON, DEBIAN_PYTHON],
        "3.12",
        "glibc",
    ),
    (
        "a virtual environment",
        ["/venv/bin/python", "x.py"],
        [[link("venv/bin/python", "/usr/local/bin/python3")], PYTHON],
        "3.12",
        "glibc",
    ),
    (
        "two Pythons and no interpreter",
        ["gunicorn"],
        [files("usr/lib/python3.11/os.py", "usr/local/lib/python3.12/os.py")],
        None,
        None,
    ),
    ("java", ["java", "-jar", "x.jar"], [JAVA], "17.0.20", None),
    (
        "java by its path",
        ["/opt/java/openjdk/bin/java", "-jar", "x.jar"],
        [JAVA, DEBIAN_JAVA],
        "17.0.20",
        "glibc",
    ),
    ("Debian's java", ["java", "-jar", "x.jar"], [DEBIAN_JAVA, JAVA_8], "17.0.19", "glibc"),
    ("Java 8", ["java", "-jar", "x.jar"], [JAVA_8], "8.0.402", None),
    (
        "a release of something else",
        ["java"],
        [[text("srv/release", 'JAVA_VERSION="17"\n')]],
        None,
        None,
    ),
    ("node", ["node", "server.js"], [NODE], "22.23.2", "musl"),
    ("dotnet", ["dotnet", "Api.dll"], [API, ASPNET], "8.0.22", "musl"),
    ("dotnet, the base unknown", ["dotnet", "Api.dll"], [API], "8.0.0", None),
    ("dotnet, the application unknown", ["dotnet", "/x/Tool.dll"], [ASPNET], "8.0.22", "musl"),
    ("dotnet, its application in a variable", ["dotnet", "$APP/x.dll"], [API], None, None),
    ("a host", ["./Api"], [[*API, program("app/Api", GLIBC)], ASPNET], "8.0.22", "glibc"),
    ("Alpine", ["java"], [files("lib/ld-musl-x86_64.so.1")], None, "musl"),
    ("Debian", ["java"], [files("usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2")], None, "glibc"),
    ("Debian before the usr-merge", ["java"], [files("lib64/ld-linux-x86-64.so.2")], None, "glibc"),
    (
        "Alpine with gcompat",
        ["java"],
        [files("lib/ld-musl-x86_64.so.1", "lib/ld-linux-x86-64.so.2")],
        None,
        None,
    ),
    ("somebody's copy", ["java"], [files("srv/x/lib/ld-musl-x86_64.so.1")], None, None),
]


@pytest.mark.parametrize(
    ("argv", "layers", "version", "libc"), [pytest.param(*case, id=name) for name, *case in CASES]
)
def test_runtime(
    argv: list[str], layers: list[Layer], version: str | None, libc: str | None
) -> None:
    """The runtime that the program runs in tells its version, its loader the C library."""
    path = "/usr/local/bin:/usr/bin:/bin"
    findings = surveyed(argv, *layers, working_directory="/app", path=path)

    assert (findings.version, findings.libc) == (version, libc)


@pytest.mark.parametrize(
    ("content", "name", "version", "is_included"),
    [
        (configuration(), "Microsoft.NETCore.App", "8.0.0", False),
        (
            configuration("Microsoft.AspNetCore.App", "9.0.1"),
            "Microsoft.AspNetCore.App",
            "9.0.1",
            False,
        ),
        (
            json.dumps(
                {
                    "runtimeOptions": {
                        "frameworks": [
                            {"name": "Microsoft.NETCore.App", "version": "10.0.0"},
                            {"name": "Microsoft.AspNetCore.App", "version": "10.0.0"},
                        ]
                    }
                }
            ),
            "Microsoft.NETCore.App",
            "10.0.0",
            False,
        ),
        (
            json.dumps(
                {
                    "runtimeOptions": {
                        "includedFrameworks": [
                            {"name": "Microsoft.NETCore.App", "version": "8.0.11"},
                        ]
                    }
                }
            ),
            "Microsoft.NETCore.App",
            "8.0.11",
            True,
        ),
    ],
)
def test_framework(content: str, name: str, version: str, is_included: bool) -> None:
    """The application's configuration says what it wants, and what it brings."""
    layer = [text("app/Api.runtimeconfig.json", content)]
    found = surveyed(["dotnet", "Api.dll"], layer, working_directory="/app").framework

    assert found is not None
    assert (found.name, found.version, found.is_included) == (name, version, is_included)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{}",
        "[]",
        "null",
        "{",
        '{"runtimeOptions": 1}',
        '{"runtimeOptions": {"framework": []}}',
        '{"runtimeOptions": {"frameworks": 7}}',
        '{"runtimeOptions": {"framework": {"name": 1}}}',
        "[" * 60_000,
        '{"runtimeOptions": {"framework": {"name": "x", "version": "8"}}}',
        "\ud800",
    ],
)
def test_no_framework(content: str) -> None:
    """A configuration without sense says nothing."""
    member = Member("app/Api.runtimeconfig.json", content=content.encode(errors="surrogatepass"))

    assert surveyed(["dotnet", "/app/Api.dll"], [member]).framework is None


@pytest.mark.parametrize(
    ("argv", "package", "expected"),
    [
        (["node", "server.js"], '{"type": "module"}', True),
        (["node", "--enable-source-maps", "-r", "x", "src/server.js"], '{"type": "module"}', True),
        (["node", "server.js"], '{"type": "commonjs"}', False),
        (["node", "server.js"], "{", None),
        (["node", "server.mjs"], "{}", True),
        (["node", "server.cjs"], '{"type": "module"}', False),
        (["node", "/srv/server.js"], '{"type": "module"}', None),
        (["node", "-e", "1"], '{"type": "module"}', None),
        (["npm", "start"], '{"type": "module"}', None),
    ],
)
def test_modules(argv: list[str], package: str, expected: bool | None) -> None:
    """The nearest package.json, or the script's own name, says how Node.js reads it."""
    layer = [text("app/package.json", package), text("app/node_modules/package.json", "{}")]

    assert surveyed(argv, layer, working_directory="/app").is_module is expected


@pytest.mark.parametrize(
    ("path", "vendor"),
    [
        ("otel/opentelemetry-javaagent.jar", "OpenTelemetry"),
        ("otel/opentelemetry-javaagent-2.9.0.jar", "OpenTelemetry"),
        ("dd-java-agent.jar", "Datadog"),
        ("opt/newrelic/newrelic.jar", "New Relic"),
        ("x/elastic-apm-agent-1.52.0.jar", "Elastic APM"),
        ("app/libs/opentelemetry-api-1.40.0.jar", None),
        ("usr/local/lib/python3.12/site-packages/ddtrace/auto.py", "Datadog"),
        ("usr/lib/python3/dist-packages/newrelic/agent.py", "New Relic"),
        (
            "v/site-packages/opentelemetry/instrumentation/auto_instrumentation/__init__.py",
            "OpenTelemetry",
        ),
        ("v/site-packages/opentelemetry/context/__init__.py", None),
        ("app/node_modules/dd-trace/package.json", "Datadog"),
        ("app/node_modules/@opentelemetry/auto-instrumentations-node/x.js", "OpenTelemetry"),
        ("app/node_modules/@opentelemetry/api/x.js", None),
        ("app/Datadog.Trace.dll", "Datadog"),
    ],
)
def test_agents(path: str, vendor: str | None) -> None:
    """Agents that lie in the image are named; libraries that do nothing alone are not."""
    found = surveyed(["/app/x"], files(path)).agents

    assert [agent.vendor for agent in found] == ([vendor] if vendor else [])
