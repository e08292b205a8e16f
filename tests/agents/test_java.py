"""The Java agent with a server of the JDK alone."""

import signal
from pathlib import Path

import pytest

from tests.agents import application, toolbox
from tests.agents.receiver import Receiver


@pytest.mark.e2e
def test_jdk_server_is_traced_and_ends_on_sigterm(
    java_agent: Path, receiver: Receiver, tmp_path: Path
) -> None:
    """An application is traced by the variable alone; SIGTERM ends it as ever, its spans sent."""
    classes = toolbox.compiled(toolbox.HERE / "java" / "Hello.java")
    options = f"-Xmx96m -javaagent:{java_agent}/javaagent.jar"
    more = {"JAVA_TOOL_OPTIONS": options, "OTEL_BSP_SCHEDULE_DELAY": "60000"}
    environ = application.environment(receiver, "java", **more)
    argv = [toolbox.java(), "-cp", classes, "Hello"]

    with application.serving(argv, environ, tmp_path, seconds=90) as server:
        server.process.send_signal(signal.SIGTERM)

        assert server.process.wait(30) == 128 + signal.SIGTERM
        receiver.wait("java", lambda span: span.kind == 2)
