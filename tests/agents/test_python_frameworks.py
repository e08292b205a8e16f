"""The Python agent with web frameworks and the servers that run them."""

import os
from pathlib import Path

import pytest

from tests.agents import application, python_applications, toolbox
from tests.agents.receiver import Receiver

# Server command, files to write, name of the server span.
FRAMEWORKS = {
    "flask": (["app.py"], {"app.py": python_applications.FLASK}, "GET /hello/<name>"),
    "flask-gunicorn": (
        ["-m", "gunicorn", "-w", "2", "-b", "127.0.0.1:{port}", "app:app"],
        {"app.py": python_applications.FLASK},
        "GET /hello/<name>",
    ),
    "flask-gunicorn-preload": (
        ["SCRIPTS/gunicorn", "--preload", "-w", "2", "-b", "127.0.0.1:{port}", "app:app"],
        {"app.py": python_applications.FLASK},
        "GET /hello/<name>",
    ),
    "fastapi-uvicorn": (
        ["-m", "uvicorn", "--port", "{port}", "app:app"],
        {"app.py": python_applications.FASTAPI},
        "GET /hello/{name}",
    ),
    "fastapi-uvicorn-workers": (
        ["SCRIPTS/uvicorn", "--workers", "2", "--port", "{port}", "app:app"],
        {"app.py": python_applications.FASTAPI},
        "GET /hello/{name}",
    ),
    "django": (
        ["manage.py"],
        {
            "manage.py": python_applications.DJANGO,
            "site_settings.py": python_applications.DJANGO_SETTINGS,
        },
        "GET hello/<name>",
    ),
}


@pytest.mark.e2e
@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_serves_and_is_traced(
    framework: str, python_agent: Path, receiver: Receiver, tmp_path: Path
) -> None:
    """An unmodified application serves as before, and its requests arrive as server spans."""
    python = toolbox.virtual_environment("web")
    command, files, span = FRAMEWORKS[framework]
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    service = f"python-{framework}"
    environ = application.environment(receiver, service, PYTHONPATH=str(python_agent))
    arguments = [part.replace("SCRIPTS", str(python.parent)) for part in command]

    with application.serving([python, *arguments], environ, tmp_path) as server:
        server.get()
        arrived = receiver.server_span(service, span)

        assert server.agent_lines() == []
        assert arrived.encoding == "application/x-protobuf"


@pytest.mark.e2e
def test_reloader_child_is_traced(python_agent: Path, receiver: Receiver, tmp_path: Path) -> None:
    """Flask's reloader starts the application again in a child; the child is traced."""
    (tmp_path / "app.py").write_text(python_applications.FLASK)
    python = toolbox.virtual_environment("web")
    more = {"PYTHONPATH": str(python_agent), "RELOAD": "1"}
    environ = application.environment(receiver, "python-reloader", **more)

    with application.serving([python, "app.py"], environ, tmp_path) as server:
        child = int(server.get())
        receiver.server_span("python-reloader", "GET /hello/<name>")

        assert child != server.process.pid
        os.kill(child, 0)
