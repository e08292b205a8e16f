"""Names and command lines that tell an agent which is already there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.webhook.vendors.rows import OTEL, Variables, found, option
from webhook import vendors


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


READ = (
    "JAVA_OPTS NODE_OPTIONS PYTHONPATH LD_PRELOAD DOTNET_STARTUP_HOOKS CORECLR_PROFILER DD_SERVICE"
    " CORECLR_ENABLE_PROFILING DD_TRACE_ENABLED AUTOWRAPT_BOOTSTRAP"
)
NAMES = st.sampled_from(READ.split())
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
