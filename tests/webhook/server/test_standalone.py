import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import TextIO

import pytest

from tests.webhook.server.serving import PATIENCE, POD, Client, first_line, review, trusting
from webhook.server.endpoint import Endpoint
from webhook.server.service import ImageConfigsError
from webhook.server.settings import SettingsError
from webhook.server.standalone import Options, listener

SPANHOOK = str(Path(sys.executable).with_name("spanhook"))


def serve(said: TextIO, *options: str) -> subprocess.Popen[str]:
    """`spanhook serve` on a free port; `said` takes its standard output."""
    command = [SPANHOOK, "serve", "--standalone", "--port", "0", *options]
    return subprocess.Popen(command, stdout=said, stderr=subprocess.PIPE, text=True)


def test_the_command_serves_with_its_files(tmp_path: Path) -> None:
    """Certificates are kept, settings are heeded, each review is a line, and it ends with 0."""
    settings = tmp_path / "settings.yaml"
    settings.write_text("languages: {python: {enabled: false}}\n")
    certs, said = tmp_path / "certs", tmp_path / "said"
    with (
        said.open("w") as output,
        serve(output, "--cert-dir", str(certs), "--settings", str(settings)) as process,
    ):
        try:
            line = first_line(process, said)
            port = int(line.split("127.0.0.1:")[1].split("/")[0])
            with Client(port, trusting(certs)) as client:
                response = client.post(review("u-7")).json["response"]
            process.send_signal(signal.SIGTERM)
            _, logged = process.communicate(timeout=PATIENCE)
        finally:
            process.kill()

    assert str(certs / "ca.crt") in line
    assert (response["allowed"], "patch" in response) == (True, False)
    assert [json.loads(text)["uid"] for text in logged.splitlines()] == ["u-7"]
    assert "app=skip:LanguageDisabled" in logged
    assert process.returncode == 0


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        pytest.param([], 2, "--standalone serves", id="no cluster"),
        pytest.param(
            ["--standalone", "--settings", "none.yaml"], 1, "none.yaml: No such file", id="settings"
        ),
        pytest.param(
            ["--standalone", "--image-configs", "none.json"],
            1,
            "none.json: No such file",
            id="image configurations",
        ),
        pytest.param(["--standalone", "--cert-dir", "/dev/null/x"], 1, "/dev/null/x", id="certs"),
        pytest.param(["--standalone", "--host", "192.0.2.1"], 1, "192.0.2.1", id="address"),
        pytest.param(["--standalone", "--port", "70000"], 2, "--port", id="port"),
    ],
)
def test_the_command_says_what_is_wrong(options: list[str], code: int, said: str) -> None:
    """One sentence on stderr, nothing on stdout, 1 for what cannot be done, 2 for wrong use."""
    done = subprocess.run(
        [SPANHOOK, "serve", *options], capture_output=True, text=True, check=False, timeout=PATIENCE
    )

    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def options(path: Path, text: str) -> Options:
    """Options with a file of image configurations."""
    path.write_text(text)
    return Options(Endpoint(log_level="error"), image_configs=path)


@pytest.mark.parametrize("text", ["{", "[]", '{"a": 1}'], ids=["cut", "list", "number"])
def test_image_configurations_that_are_none(tmp_path: Path, text: str) -> None:
    """A file that is no object of documents is named."""
    with pytest.raises(ImageConfigsError, match=r"configs\.json: "):
        listener(options(tmp_path / "configs.json", text), print)


def test_settings_that_are_wrong(tmp_path: Path) -> None:
    """What is wrong with the settings is said before anything is served."""
    (tmp_path / "settings.yaml").write_text("endpiont: http://c:4318")

    with pytest.raises(SettingsError, match="did you mean endpoint"):
        listener(Options(settings=tmp_path / "settings.yaml"), print)


@pytest.mark.parametrize(
    ("host", "url"),
    [
        pytest.param("0.0.0.0", "https://localhost:", id="any"),
        pytest.param("", "https://localhost:", id="any of both families"),
        pytest.param("::1", "https://[::1]:", id="IPv6"),
        pytest.param("localhost", "https://localhost:", id="name"),
    ],
)
def test_ready_line_names_an_address_to_call(tmp_path: Path, host: str, url: str) -> None:
    """The line when ready has a URL that works from here."""
    lines: list[str] = []
    server = listener(Options(Endpoint(host=host, port=0), cert_dir=tmp_path), lines.append)

    server.hooks.ready(8443)

    assert url + "8443/mutate" in lines[0]


def test_certificate_in_memory(tmp_path: Path) -> None:
    """Without a directory nothing is written, and the line names the authority by its digest."""
    lines: list[str] = []
    server = listener(Options(Endpoint(port=0)), lines.append)
    server.hooks.refresh()

    server.hooks.ready(1)

    assert "in memory, SHA-256 " in lines[0]
    assert list(tmp_path.iterdir()) == []


def test_image_configurations_are_used(tmp_path: Path) -> None:
    """What an image says decides where the pod says nothing."""
    config = {
        "architecture": "amd64",
        "config": {"Env": ["PYTHON_VERSION=3.12.1"], "Cmd": ["python3"]},
    }
    configs = tmp_path / "configs.json"
    configs.write_text(json.dumps({"shop/cart:1": config}))
    pod = POD | {"metadata": {"generateName": "cart-"}}
    said = tmp_path / "said"
    with (
        said.open("w") as output,
        serve(
            output, "--cert-dir", str(tmp_path / "c"), "--image-configs", str(configs)
        ) as process,
    ):
        try:
            port = int(first_line(process, said).split("127.0.0.1:")[1].split("/")[0])
            with Client(port, trusting(tmp_path / "c")) as client:
                response = client.post(review(object=pod)).json["response"]
        finally:
            process.kill()

    assert response["auditAnnotations"]["decisions"] == "app=inject:python"
