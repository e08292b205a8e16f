"""The Python agent beside applications whose packages do not fit its own."""

from pathlib import Path

import pytest

from tests.agents import application, python_applications, toolbox
from tests.agents.receiver import Receiver


@pytest.mark.e2e
@pytest.mark.parametrize(
    ("pinned", "source", "encoding"),
    [
        pytest.param(
            "old-protobuf", python_applications.OLD_PROTOBUF, "application/json", id="protobuf-4.25"
        ),
        pytest.param(
            "old-urllib3",
            python_applications.OLD_URLLIB3,
            "application/x-protobuf",
            id="urllib3-1.26",
        ),
    ],
)
def test_old_packages_stay_and_are_traced(
    pinned: str,
    source: str,
    encoding: str,
    python_agent: Path,
    receiver: Receiver,
    tmp_path: Path,
) -> None:
    """An application keeps the old package that it pins, and is traced all the same."""
    (tmp_path / "app.py").write_text(source)
    python = toolbox.virtual_environment(pinned)
    environ = application.environment(receiver, pinned, PYTHONPATH=str(python_agent))

    with application.serving([python, "app.py"], environ, tmp_path) as server:
        server.get()
        span = receiver.server_span(pinned, "GET /hello/<name>")

        assert server.agent_lines() == []
        assert span.encoding == encoding
