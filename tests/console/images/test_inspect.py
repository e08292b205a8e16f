"""`spanhook inspect` at a real registry."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from console.manifests.documents import read
from tests.console.commandline import Ran, run
from tests.console.images.shelf import BASE, PYTHON, TOP, docker_config, fill
from tests.registry.debian import PASSWORD, USER, Running, password_file, serving

FIELDS = [
    "image", "reference", "digest", "platforms", "language", "version", "libc", "certainty",
    "decision", "reason", "message", "command", "agents", "evidence", "layers", "spent", "error",
]  # fmt: skip
AUTH = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()


def inspect(registry: Running, *names: str, options: tuple[str, ...] = ()) -> Ran:
    """Inspect images of a registry."""
    references = (f"{registry.host}/shop/{name}" for name in names)
    return run("inspect", "--plain-http", registry.host, *options, *references)


def records(registry: Running, *names: str, options: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    """What `inspect -o json` says."""
    ran = inspect(registry, *names, options=("-o", "json", *options))
    found: list[dict[str, Any]] = json.loads(ran.text)
    return found


def test_by_its_configuration(shop: Running) -> None:
    """People see what it is, how sure that is and from what, the platform, digest and cost."""
    ran = inspect(shop, "python:1")

    assert ran.code == 0
    assert f"{shop.host}/shop/python:1 ─" in ran.text
    assert "● Python 3.13.14  its command line says it" in ran.text
    assert "PYTHON_VERSION=3.13.14 in the image's environment  → Python 3.13.14" in ran.text
    assert "gets the OpenTelemetry agent for Python" in ran.text
    assert "platform  linux/amd64" in ran.text
    assert "digest  sha256:" in ran.text
    assert "cost  3 requests, " in ran.text
    assert "1 image: 1 read; 3 requests" in ran.text
    assert ran.stderr == ""


def test_by_its_layers(shop: Running) -> None:
    """Where the configuration leaves it open, layers are read, as far as it takes."""
    ran = inspect(shop, "script:1")

    assert "● Node.js  its layers show it" in ran.text
    assert "the script /run.sh starts node  → Node.js" in ran.text
    assert "looked into  1 of 2 layers, " in ran.text


def test_without_layers(shop: Running) -> None:
    """Layers stay unread on request; then it is unknown, with what to do."""
    ran = inspect(shop, "script:1", options=("--no-layers",))

    assert ran.code == 0
    assert "○ nothing tells what it runs" in ran.text
    assert "leaves it alone: LanguageUnknown" in ran.text
    assert "what to do  Say it with the pod annotation" in ran.text
    assert "looked into" not in ran.text


def test_what_is_none_of_ours(shop: Running) -> None:
    """Foreign programs are named, and left alone."""
    ran = inspect(shop, "ruby:1")

    assert "○ Ruby  its command line says it" in ran.text
    assert "leaves it alone: LanguageUnsupported" in ran.text


def test_hints(shop: Running) -> None:
    """What only hints at a language does not look like certainty."""
    ran = inspect(shop, "hint:1")

    assert "○ Java  perhaps: there are hints, and nothing that decides" in ran.text
    assert "looked into  1 of 1 layers, " in ran.text
    assert "undecided: nothing in the layers tells what it is" in " ".join(ran.text.split())


def test_records(shop: Running) -> None:
    """The field names and their order are a promise to programs; unknown values are null."""
    python, script, hint, gone = records(shop, "python:1", "script:1", "hint:1", "gone:1")

    assert [list(one) for one in (python, script, hint, gone)] == [FIELDS] * 4
    assert (python["language"], python["version"], python["certainty"]) == (
        "python", "3.13.14", "decides",
    )  # fmt: skip
    assert python["layers"] is None
    assert python["command"] == ["python3"]
    assert (script["language"], script["decision"]) == ("nodejs", "inject")
    assert script["layers"] == {
        "state": "decided",
        "message": None,
        "count": 2,
        "read": 1,
        "bytes": len(BASE.content) + len(TOP.content),
        "bytesRead": len(TOP.content),
    }
    assert script["spent"]["requests"] == 4
    assert (hint["language"], hint["certainty"], hint["reason"]) == (
        "java", "hint", "LanguageUnknown",
    )  # fmt: skip
    assert gone["error"]["word"] == "not_found"
    assert (gone["digest"], gone["language"], gone["evidence"]) == (None, None, [])


def test_yaml_says_the_same(shop: Running) -> None:
    """Both forms for programs hold the same values."""
    (document,) = read("f.yaml", inspect(shop, "python:1", options=("-o", "yaml")).text)
    (record,) = records(shop, "python:1")

    assert [{**one, "spent": None} for one in document.data] == [{**record, "spent": None}]


def test_configurations_feed_another_run(shop: Running, tmp_path: Path) -> None:
    """What is exported is what --image-configs takes, where there is no network."""
    ran = inspect(shop, "python:1", options=("-o", "configs"))
    file = tmp_path / "images.json"
    file.write_bytes(ran.stdout)
    pod = f"kind: Pod\nspec: {{containers: [{{name: a, image: '{shop.host}/shop/python:1'}}]}}\n"

    assert json.loads(ran.text) == {f"{shop.host}/shop/python:1": PYTHON}
    offline = json.loads(run("explain", "-o", "json", "--image-configs", str(file), stdin=pod).text)
    assert offline[0]["version"] == "3.13.14"


def test_some_can_be_read_and_some_cannot(shop: Running) -> None:
    """What fails stands where it was asked for, with what to do; the others are there; exit 1."""
    ran = inspect(shop, "gone:1", "python:1")

    assert ran.code == 1
    assert "✗ could not be read" in ran.text
    assert f"{shop.host}/shop/gone is not there, or not with that tag or digest" in ran.text
    assert "what to do  check the image's name and tag" in ran.text
    assert "● Python" in ran.text
    assert "2 images: 1 read, 1 not" in ran.text


def test_programs_hear_of_faults_on_stderr_too(shop: Running) -> None:
    """A pipe shows no records: the fault is said beside them."""
    ran = inspect(shop, "gone:1", options=("-o", "json"))

    assert ran.code == 1
    assert ran.stderr.startswith(f"spanhook: {shop.host}/shop/gone is not there")


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("Bad::name",),
        ("--platform", "a/b/c/d", "python"),
        ("--timeout", "0", "python"),
        ("-o", "xml", "python"),
    ],
)
def test_wrong_use(arguments: tuple[str, ...]) -> None:
    """What is no image, platform or time is wrong use, said before anybody is asked."""
    assert run("inspect", *arguments).code == 2


def test_plain_http_is_not_guessed(shop: Running) -> None:
    """A registry that does not speak TLS is an error, with the option that helps."""
    ran = run("inspect", f"{shop.host}/shop/python:1")

    assert ran.code == 1
    assert f"--plain-http {shop.host}" in ran.text.replace("\n               ", " ")


def test_a_registry_that_is_not_there() -> None:
    """Nobody listens: one sentence, no trace."""
    ran = run("inspect", "-o", "json", "localhost:1/x:1")

    assert ran.code == 1
    assert json.loads(ran.text)[0]["error"]["word"] == "unreachable"
    assert len(ran.stderr.splitlines()) == 1


def test_addresses_that_are_not_followed() -> None:
    """The own machine by name is fine at a terminal, the cloud's metadata service is not."""
    ran = run("inspect", "-o", "json", "169.254.169.254/x:1")

    assert json.loads(ran.text)[0]["error"]["word"] == "forbidden_address"


def test_an_authority_of_its_own(tmp_path: Path) -> None:
    """A registry signed by an authority of one's own: unknown, named, or not checked."""
    with serving(tmp_path, tls=True) as secure:
        fill(secure)
        file = tmp_path / "ca.crt"
        file.write_text(secure.authority)
        image = f"{secure.host}/shop/python:1"

        assert run("inspect", "--certificate-authority", str(file), image).code == 0
        assert run("inspect", "--insecure-registry", secure.host, image).code == 0
        ran = run("inspect", "-o", "json", image)
        assert json.loads(ran.text)[0]["error"]["word"] == "untrusted"


@pytest.mark.parametrize(("content", "said"), [(b"no PEM", "no certificates"), (b"\xff", "PEM")])
def test_no_authorities(shop: Running, tmp_path: Path, content: bytes, said: str) -> None:
    """A file without certificates is an error of one line."""
    file = tmp_path / "ca.crt"
    file.write_bytes(content)

    ran = inspect(shop, "python:1", options=("--certificate-authority", str(file)))

    assert ran.code == 1
    assert said in ran.stderr
    assert len(ran.stderr.splitlines()) == 1


def test_passwords(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials of `docker login` are used; without them it says what to do about that."""
    with serving(tmp_path, auth=password_file(tmp_path)) as guarded:
        fill(guarded, f"Basic {AUTH}")

        refused = records(guarded, "python:1")[0]["error"]
        folder = docker_config(tmp_path / "helper", {"credHelpers": {guarded.host: "vault"}})
        monkeypatch.setenv("DOCKER_CONFIG", str(folder))
        helped = records(guarded, "python:1")[0]["error"]
        folder = docker_config(tmp_path / "login", {"auths": {guarded.host: {"auth": AUTH}}})
        monkeypatch.setenv("DOCKER_CONFIG", str(folder))
        ran = inspect(guarded, "script:1")

    assert refused["word"] == helped["word"] == "unauthorized"
    assert f"docker login {guarded.host}" in refused["message"]
    assert "the credential helper docker-credential-vault, which is not called" in helped["message"]
    assert ran.code == 0
    assert "● Node.js" in ran.text


def test_a_broken_docker_configuration(
    shop: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is named, its content is not shown."""
    folder = docker_config(tmp_path / "login", {"auths": {"x": {"auth": "s3cret!"}}})
    monkeypatch.setenv("DOCKER_CONFIG", str(folder))

    ran = inspect(shop, "python:1")

    assert ran.code == 1
    assert "config.json: x: `auth` is not base64" in ran.stderr
    assert "s3cret" not in ran.stderr


def test_settings_say_how_registries_are_reached(shop: Running, tmp_path: Path) -> None:
    """Mirrors, plain HTTP and local registries of the settings count for the command, too."""
    file = tmp_path / "settings.yaml"
    file.write_text(
        "imageInspection:\n"
        f"  plainHttp: ['{shop.host}']\n"
        f"  local: ['{shop.host}']\n"
        f"  mirrors: [{{prefix: registry.corp, location: '{shop.host}/shop'}}]\n"
    )

    ran = run("inspect", "--settings", str(file), "registry.corp/python:1")

    assert ran.code == 0
    assert "registry.corp/python:1 ─" in ran.text
    assert "● Python 3.13.14" in ran.text


def test_nothing_in_an_image_moves_the_cursor(shop: Running) -> None:
    """An image's author decides what it says, not what the terminal does."""
    ran = inspect(shop, "hostile:1")

    assert ran.code == 0
    assert "\x1b" not in ran.text
    assert "\x07" not in ran.text


def test_output_is_plain_and_fits(shop: Running) -> None:
    """Piped output has no colours, no blanks at line ends, and fits into a page but for names."""
    text = inspect(shop, "python:1", "hint:1", "ruby:1").text

    assert not any(line.endswith(" ") for line in text.splitlines())
    assert max(map(len, text.splitlines())) <= 100


def test_an_image_named_twice_is_asked_once(shop: Running) -> None:
    """Repetitions cost nothing."""
    assert "1 image: 1 read; 3 requests" in inspect(shop, "python:1", "python:1").text
