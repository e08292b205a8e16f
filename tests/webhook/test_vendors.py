"""Agents that are already there, and what only looks like one."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webhook import vendors

Variables = Mapping[str, str | None]
OTEL, SELF = "OpenTelemetry", "/spanhook"


def found(language: str, argv: tuple[str, ...], variables: Variables) -> str | None:
    """The vendor of the agent, with `*` where it is OpenTelemetry's or built on it."""
    agent = vendors.find(language, argv, variables)
    return agent and agent.vendor + "*" * agent.opentelemetry


def option(name: str, value: str | None, expected: str | None) -> object:
    """One row: a variable and the vendor that it tells."""
    return pytest.param({name: value}, expected, id=f"{name}={value}"[:90])


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        option("JAVA_TOOL_OPTIONS", "-javaagent:/dd-java-agent.jar", "Datadog"),
        option("JAVA_TOOL_OPTIONS", "-Xmx1g -javaagent:/datadog-lib/x.jar", "Datadog"),
        option("JDK_JAVA_OPTIONS", "-javaagent:/newrelic/newrelic.jar", "New Relic"),
        option("JAVA_OPTS", "-javaagent:/elastic-apm-agent-1.55.jar", "Elastic APM"),
        option("_JAVA_OPTIONS", "-javaagent:/opt/appdynamics/javaagent.jar", "AppDynamics"),
        option("CATALINA_OPTS", "-javaagent:/skywalking-agent.jar=a=b", "Apache SkyWalking"),
        option("KAFKA_OPTS", "-javaagent:/pinpoint-bootstrap.jar", "Pinpoint"),
        option("JAVA_OPTS", "-javaagent:'/instana/instana-java.jar'", "Instana"),
        option("JAVA_OPTS", "-javaagent:/instana/instana-java.jar", "Instana"),
        option("JAVA_OPTS", "-agentpath:/dt/liboneagentloader.so", "Dynatrace"),
        option("JAVA_OPTS", "-javaagent:/opentelemetry-javaagent.jar", f"{OTEL}*"),
        option("JAVA_OPTS", "-javaagent:/otel-auto-instrumentation-java/javaagent.jar", f"{OTEL}*"),
        option("JAVA_OPTS", "-javaagent:splunk-otel-javaagent.jar", "Splunk*"),
        option(
            "JAVA_OPTS",
            "-javaagent:/applicationinsights-agent-3.jar",
            "Azure Application Insights*",
        ),
        option("JAVA_OPTS", "-javaagent:/otel/dd-java-agent.jar", "Datadog"),
        option("JAVA_OPTS", "-javaagent:/x/acme.jar", "unknown Java agent"),
        option("JAVA_OPTS", "-javaagent:$(AGENT)", "unknown Java agent"),
        option("JAVA_OPTS", "-javaagent:/jmx_prometheus_javaagent-1.4.jar=80:/c.yml", None),
        option("JAVA_OPTS", "-javaagent:/opt/otel/jmx_prometheus_javaagent.jar=80", None),
        option("JAVA_OPTS", "-javaagent:/jacocoagent.jar -javaagent:/aspectjweaver.jar", None),
        option("JAVA_OPTS", "-javaagent:/jacocoagent.jar -javaagent:/newrelic.jar", "New Relic"),
        option("JAVA_OPTS", "-javaagent:/spring-instrument.jar", None),
        option("JAVA_OPTS", "-javaagent:/jolokia-jvm.jar", None),
        option("JAVA_OPTS", "-javaagent:/byteman.jar=script:x", None),
        option("JAVA_OPTS", "-javaagent:lombok.jar", None),
        option("JAVA_OPTS", "-agentlib:jdwp=transport=dt_socket", None),
        option("JAVA_OPTS", "-agentpath:/async-profiler/libasyncProfiler.so", None),
        option("JAVA_TOOL_OPTIONS", f"-javaagent:{SELF}/java/javaagent.jar", None),
        option("JAVA_OPTS", "-Xmx1g", None),
        option("JAVA_OPTS", "-javaagent:", None),
        option("NODE_OPTIONS", "--require dd-trace/init", None),
        option("CORECLR_ENABLE_PROFILING", "1", None),
    ],
)
def test_agents_of_java(variables: Variables, expected: str | None) -> None:
    """Options in any variable count; agents that trace nothing, and our own, do not."""
    assert found("java", (), variables) == expected


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        option("NODE_OPTIONS", "--require dd-trace/init", "Datadog"),
        option("NODE_OPTIONS", "--import=dd-trace/initialize.mjs", "Datadog"),
        option("NODE_OPTIONS", "--require=/datadog-lib/node_modules/dd-trace/init", "Datadog"),
        option("NODE_OPTIONS", "-r newrelic", "New Relic"),
        option("NODE_OPTIONS", "--loader newrelic/esm-loader.mjs", "New Relic"),
        option("NODE_OPTIONS", "--require elastic-apm-node/start", "Elastic APM"),
        option(
            "NODE_OPTIONS",
            "--require /opt/x/node_modules/@instana/collector/src/immediate",
            "Instana",
        ),
        option(
            "NODE_OPTIONS",
            "--require @opentelemetry/auto-instrumentations-node/register",
            f"{OTEL}*",
        ),
        option(
            "NODE_OPTIONS",
            "--require /otel-auto-instrumentation-nodejs/autoinstrumentation.js",
            f"{OTEL}*",
        ),
        option("NODE_OPTIONS", "--import @splunk/otel/instrument", "Splunk*"),
        option("NODE_OPTIONS", "--import ./instrument.mjs", f"{OTEL}*"),
        option("NODE_OPTIONS", "--require ./dist/tracing.js", f"{OTEL}*"),
        option("NODE_OPTIONS", "--require ./instrumentation", f"{OTEL}*"),
        option("NODE_OPTIONS", "--require ./my-telemetry.cjs", f"{OTEL}*"),
        option("NODE_OPTIONS", f"--require {SELF}/nodejs/bootstrap.js", None),
        option("NODE_OPTIONS", f"--import file://{SELF}/nodejs/bootstrap.mjs", None),
        option("NODE_OPTIONS", "--require dotenv/config --max-old-space-size=300", None),
        option("NODE_OPTIONS", "--require ts-node/register --import tsx", None),
        option("NODE_OPTIONS", "--require ./newrelic-free.js", None),
        option("NODE_OPTIONS", "--require ./backtracing/x.js", None),
        option("JAVA_TOOL_OPTIONS", "-javaagent:/dd-java-agent.jar", None),
    ],
)
def test_agents_of_nodejs(variables: Variables, expected: str | None) -> None:
    """Packages are known by name, a setup file of one's own by what guides call it."""
    assert found("nodejs", (), variables) == expected


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        option("PYTHONPATH", "/x/ddtrace/bootstrap:/app", "Datadog"),
        option("PYTHONPATH", "/x/newrelic/bootstrap", "New Relic"),
        option("PYTHONPATH", "/otel-auto-instrumentation-python:/app", f"{OTEL}*"),
        option("PYTHONPATH", "/x/opentelemetry/instrumentation/auto_instrumentation", f"{OTEL}*"),
        option("AUTOWRAPT_BOOTSTRAP", "instana", "Instana"),
        option("PYTHONPATH", f"{SELF}/python/opentelemetry:/app", None),
        option("PYTHONPATH", "/app:/app/src", None),
        option(
            "LD_PRELOAD", "/opt/dynatrace/oneagent-paas/agent/lib64/liboneagentproc.so", "Dynatrace"
        ),
        option("LD_PRELOAD", "/opt/datadog-packages/inject/launcher.preload.so", "Datadog"),
        option("LD_PRELOAD", "/usr/lib/splunk-instrumentation/libsplunk.so", "Splunk*"),
        option("LD_PRELOAD", "/usr/lib/libjemalloc.so.2", None),
        option("LD_PRELOAD", None, None),
    ],
)
def test_agents_of_python(variables: Variables, expected: str | None) -> None:
    """Directories in front of the application's, and preloaded libraries."""
    assert found("python", (), variables) == expected


PROFILER = {"CORECLR_ENABLE_PROFILING": "1"}
DATADOG = "{846F5F1C-F9AE-4B07-969E-05C26BC060D8}"


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        pytest.param({**PROFILER, "CORECLR_PROFILER": DATADOG}, "Datadog", id="Datadog"),
        pytest.param(
            {**PROFILER, "CORECLR_PROFILER": "{918728DD-259F-4A6A-AC2B-B85E1B658318}"},
            f"{OTEL}*",
            id="OpenTelemetry",
        ),
        pytest.param(
            {**PROFILER, "CORECLR_PROFILER": "{0}"}, "unknown .NET profiler", id="unknown"
        ),
        pytest.param(
            {"CORECLR_PROFILER": None}, "unknown .NET profiler", id="profiler from a Secret"
        ),
        pytest.param(
            {"CORECLR_ENABLE_PROFILING": None}, "unknown .NET profiler", id="switch from a Secret"
        ),
        pytest.param(PROFILER, "unknown .NET profiler", id="enabled alone"),
        pytest.param(
            {"CORECLR_ENABLE_PROFILING": "0", "CORECLR_PROFILER": DATADOG}, None, id="off"
        ),
        pytest.param(
            {
                **PROFILER,
                "CORECLR_PROFILER": "{918728DD-259F-4A6A-AC2B-B85E1B658318}",
                "CORECLR_PROFILER_PATH": f"{SELF}/dotnet/linux-x64/native.so",
            },
            None,
            id="ours",
        ),
        option("OTEL_DOTNET_AUTO_HOME", "/otel-dotnet-auto", f"{OTEL}*"),
        option(
            "DOTNET_STARTUP_HOOKS",
            "/x/OpenTelemetry.AutoInstrumentation.StartupHook.dll",
            f"{OTEL}*",
        ),
        option("DOTNET_STARTUP_HOOKS", "/x/ElasticApmAgentStartupHook.dll", "Elastic APM"),
        option(
            "ASPNETCORE_HOSTINGSTARTUPASSEMBLIES", "SkyAPM.Agent.AspNetCore", "Apache SkyWalking"
        ),
        option("DOTNET_STARTUP_HOOKS", "/x/Microsoft.Extensions.DotNetDeltaApplier.dll", None),
        option("CORECLR_NEWRELIC_HOME", "/newrelic", "New Relic"),
        option("DOTNET_RUNNING_IN_CONTAINER", "true", None),
    ],
)
def test_agents_of_dotnet(variables: Variables, expected: str | None) -> None:
    """The runtime has room for one profiler; a switch that is off has none."""
    assert found("dotnet", (), variables) == expected


@pytest.mark.parametrize("language", ["java", "python", "nodejs", "dotnet", "go"])
@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        option("DD_SERVICE", "shop", "Datadog"),
        option("DD_TRACE_AGENT_URL", "http://x", "Datadog"),
        option("DD_ENV", None, "Datadog"),
        option("NEW_RELIC_LICENSE_KEY", None, "New Relic"),
        option("DT_TENANT", "abc", "Dynatrace"),
        option("DT_RELEASE_VERSION", "1", "Dynatrace"),
        option("ELASTIC_APM_SERVER_URL", "http://x", "Elastic APM"),
        option("APPDYNAMICS_CONTROLLER_HOST_NAME", "x", "AppDynamics"),
        option("INSTANA_AGENT_HOST", "x", "Instana"),
        option("SIGNALFX_SERVICE_NAME", "x", "SignalFx"),
        option("SW_AGENT_NAME", "x", "Apache SkyWalking"),
        option("SPLUNK_PROFILER_ENABLED", "true", "Splunk*"),
        # configuration of other things
        option("DD_AGENT_HOST", None, None),
        option("DD_ENTITY_ID", "x", None),
        option("DD_DOGSTATSD_URL", "x", None),
        option("DD_API_KEY", None, None),
        option("DD_DATABASE_URL", "postgres://defectdojo", None),
        option("DD_SERVICE", "", None),
        option("NEW_RELIC_API_KEY", None, None),
        option("DT_FORMAT", "%Y", None),
        option("SPLUNK_HEC_TOKEN", None, None),
        option("OTEL_SERVICE_NAME", "shop", None),
        option("OTEL_TRACES_EXPORTER", "otlp", None),
        option("ADD_SERVICE", "x", None),
        # switched off
        pytest.param({"DD_SERVICE": "x", "DD_TRACE_ENABLED": "false"}, None, id="Datadog off"),
        pytest.param({"DD_TRACE_ENABLED": "true"}, "Datadog", id="Datadog on"),
        pytest.param({"DD_TRACE_ENABLED": None}, "Datadog", id="Datadog not known to be off"),
        pytest.param(
            {"NEW_RELIC_ENABLED": "False", "NEW_RELIC_APP_NAME": "x"}, None, id="New Relic off"
        ),
        pytest.param(
            {"ELASTIC_APM_SERVER_URL": "x", "ELASTIC_APM_ENABLED": "0"}, None, id="Elastic off"
        ),
        pytest.param({"INSTANA_ZONE": "x", "INSTANA_DISABLE": "true"}, None, id="Instana off"),
        pytest.param(
            {"DD_SERVICE": "x", "DD_TRACE_ENABLED": "no", "DT_TENANT": "y"},
            "Dynatrace",
            id="one off, one on",
        ),
    ],
)
def test_names_tell_agents_that_code_loads(
    language: str, variables: Variables, expected: str | None
) -> None:
    """Names that only an agent reads are a sign in every language, unless they switch it off."""
    assert found(language, (), variables) == expected


@pytest.mark.parametrize(
    ("language", "argv", "expected"),
    [
        ("java", ("java", "-javaagent:/x/newrelic.jar", "-jar", "x.jar"), "New Relic"),
        ("java", ("sh", "-c", "exec java -javaagent:/a/glowroot.jar -jar x"), "Glowroot"),
        ("java", ("java", "-jar", "x.jar"), None),
        ("python", ("ddtrace-run", "gunicorn", "x:y"), "Datadog"),
        ("python", ("/venv/bin/newrelic-admin", "run-program", "python"), "New Relic"),
        ("python", ("sh", "-c", "exec opentelemetry-instrument python x.py"), f"{OTEL}*"),
        ("python", ("python", "-m", "ddtrace.commands.ddtrace_run", "x.py"), "Datadog"),
        (
            "python",
            ("python", "-m", "opentelemetry.instrumentation.auto_instrumentation"),
            f"{OTEL}*",
        ),
        ("python", ("splunk-py-trace", "python", "x.py"), "Splunk*"),
        ("python", ("python", "-m", "newrelics", "ddtrace-runner"), None),
        ("python", ("java", "-javaagent:/x/newrelic.jar"), None),
        ("nodejs", ("node", "-r", "dd-trace/init", "x.js"), "Datadog"),
        ("nodejs", ("node", "--require=./otel.js", "x.js"), f"{OTEL}*"),
        ("nodejs", ("sh", "-c", "node --import './telemetry.mjs' x.js"), f"{OTEL}*"),
        ("nodejs", ("node", "tracing.js"), None),
        ("nodejs", ("ddtrace-run", "node"), None),
        ("dotnet", ("/otel-dotnet-auto/instrument.sh", "dotnet", "x.dll"), f"{OTEL}*"),
        ("dotnet", ("dotnet", "Shop.dll"), None),
        ("go", ("/shop", "-javaagent:/x/newrelic.jar"), None),
    ],
)
def test_agents_in_the_command_line(
    language: str, argv: tuple[str, ...], expected: str | None
) -> None:
    """Only the ways of the container's own language count, inside scripts too."""
    assert found(language, argv, {}) == expected


@pytest.mark.parametrize(
    ("language", "argv", "variables", "sign"),
    [
        ("python", ("ddtrace-run", "x"), {}, "command starts ddtrace-run"),
        ("java", ("java", "-javaagent:/x.jar=a"), {}, "command has -javaagent:/x.jar"),
        (
            "java",
            (),
            {"DD_SERVICE": "x", "JAVA_OPTS": "-javaagent:/x/dd-java-agent.jar"},
            "JAVA_OPTS has -javaagent:/x/dd-java-agent.jar",
        ),
        ("go", (), {"DD_SERVICE": None}, "DD_SERVICE is set"),
        ("nodejs", ("node", "-r", "newrelic"), {}, "command has -r newrelic"),
    ],
)
def test_signs_say_what_was_seen_where(
    language: str, argv: tuple[str, ...], variables: Variables, sign: str
) -> None:
    """A person can find the sign; what loads an agent is named before what configures it."""
    agent = vendors.find(language, argv, variables)

    assert agent is not None
    assert agent.sign == sign


NAMES = st.sampled_from(
    "JAVA_OPTS NODE_OPTIONS PYTHONPATH LD_PRELOAD DOTNET_STARTUP_HOOKS CORECLR_PROFILER DD_SERVICE"
    " CORECLR_ENABLE_PROFILING DD_TRACE_ENABLED AUTOWRAPT_BOOTSTRAP".split()
)
VALUES = st.one_of(
    st.none(),
    st.text(max_size=30),
    st.sampled_from(["-javaagent:", "--require ", "-r", "file:", "{", ":", "1", "0", "false"]),
)


@given(
    st.sampled_from(["java", "python", "nodejs", "dotnet", "go", "cobol"]),
    st.lists(st.one_of(st.text(max_size=20), st.sampled_from(["-m", "-r", "-javaagent:x"]))),
    st.dictionaries(st.one_of(NAMES, st.text(max_size=12)), VALUES),
)
def test_no_variables_raise(language: str, argv: list[str], variables: Variables) -> None:
    """Whatever stands in a pod, the search answers with a sign or with nothing."""
    agent = vendors.find(language, argv, variables)

    assert agent is None or agent.sign
