"""Variables that load an agent, and what only looks like one."""

import pytest

from tests.webhook.vendors.rows import OTEL, SELF, Variables, found, option


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
        pytest.param(
            {
                **PROFILER,
                "CORECLR_PROFILER": "{cf0d821e-299b-5307-a3d8-b283c03916dd}",
                "CORECLR_PROFILER_PATH": "/app/instana_tracing/CoreProfiler.so",
            },
            "Instana",
            id="Instana by its path",
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
