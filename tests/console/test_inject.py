import json
from pathlib import Path

import pytest

from tests.console.commandline import run

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
spec:
  template:
    metadata:
      labels: {{}}
    spec:
      containers:
      - name: app
        image: {image}
        command: [python, app.py]
"""
CART = DEPLOYMENT.format(name="cart", image="python:3.12")
NAMESPACE = """\
apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels:
    spanhook.dev/instrument: disabled
---
"""


def test_injects_what_is_piped_in() -> None:
    """Without -f the manifests come from stdin; the report has a line per container."""
    ran = run("inject", stdin=CART)

    assert ran.code == 0
    assert "PYTHONPATH" in ran.text
    assert "stdin  Deployment/cart  app  injected: Python 3.12" in ran.stderr
    assert "1 of 1 container injected" in ran.stderr


def test_quiet_says_nothing() -> None:
    """With --quiet stderr stays empty."""
    assert run("inject", "--quiet", stdin=CART).stderr == ""


def test_a_namespace_among_the_documents_counts() -> None:
    """Its label opts its workloads out, those named by -n too."""
    ran = run("inject", "-n", "shop", stdin=NAMESPACE + CART)

    assert ran.text == NAMESPACE + CART
    assert "shop/Deployment/cart  app  skipped: OptedOut" in ran.stderr


def test_a_config_map_among_the_documents_counts() -> None:
    """A variable that envFrom brings is known, and merged, when its ConfigMap is given."""
    config = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {PYTHONPATH: /lib}\n---\n"
    cart = CART + "        envFrom: [{configMapRef: {name: c}}]\n"

    assert "value: /spanhook/python:$(PYTHONPATH)" in run("inject", stdin=config + cart).text


def test_image_configurations_tell_the_language(tmp_path: Path) -> None:
    """--image-configs gives what an image alone does not say."""
    images = tmp_path / "images.json"
    cart = DEPLOYMENT.format(name="cart", image="example.com/cart:1")
    cart = cart.replace("        command: [python, app.py]\n", "")
    images.write_text(json.dumps({"example.com/cart:1": {"config": {"Cmd": ["python", "a.py"]}}}))

    assert run("inject", stdin=cart).text == cart
    assert "PYTHONPATH" in run("inject", "--image-configs", str(images), stdin=cart).text


def test_settings_change_what_is_injected(tmp_path: Path) -> None:
    """--settings gives the settings document."""
    settings = tmp_path / "settings.yaml"
    settings.write_text("endpoint: http://example.com:4318\n")

    assert "http://example.com:4318" in run("inject", "--settings", str(settings), stdin=CART).text


def test_folders_and_files_become_one_stream(tmp_path: Path) -> None:
    """Files of a folder follow in the order of their names, each a document of its own."""
    (tmp_path / "b.yaml").write_text("kind: B")
    (tmp_path / "a.yml").write_text("kind: A")
    (tmp_path / "c.json").write_text('{"kind": "C"}\n')
    (tmp_path / "d.yaml").write_text("---\nkind: D\n")
    (tmp_path / "README.md").write_text("# no manifest")
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "e.yaml").write_text("kind: E\n")

    flat = 'kind: A\n---\nkind: B\n---\n{"kind": "C"}\n---\nkind: D\n'
    assert run("inject", "-f", str(tmp_path)).text == flat
    assert run("inject", "-R", "-f", str(tmp_path)).text == flat + "---\nkind: E\n"


def test_files_of_json_become_a_stream_of_json(tmp_path: Path) -> None:
    """JSON alone needs no marker between its values."""
    (tmp_path / "a.json").write_text('{"kind": "A"}')
    (tmp_path / "b.json").write_text('{"kind": "B"}')

    ran = run("inject", "-f", str(tmp_path / "a.json"), "-f", str(tmp_path / "b.json"))

    assert ran.text == '{"kind": "A"}\n{"kind": "B"}'


def test_without_pods_everything_passes_through() -> None:
    """Documents that make no pods come out as they are, and the report says so."""
    ran = run("inject", stdin="kind: Service\n# c\n")

    assert (ran.code, ran.text) == (0, "kind: Service\n# c\n")
    assert "nothing here makes pods" in ran.stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [\n", "document 2: expected the node content"),
        ("kind: Pod\napiVersion: v1\n", "document 2: Pod: spec.containers: expected"),
        (
            CART.replace("[python, app.py]", "python"),
            "Deployment cart: spec.template.spec.containers[0].command: expected a list",
        ),
        ("- a\n", "document 2: expected an object with apiVersion and kind, got a list"),
        ("a: {{ .Values.a }}\n", "this looks like a template: render it first"),
    ],
)
def test_one_bad_document_stops_everything(text: str, said: str) -> None:
    """A document that cannot be used is named with its place, and nothing is written at all."""
    ran = run("inject", stdin=f"{CART}---\n{text}")

    assert (ran.code, ran.stdout) == (1, b"")
    assert ran.stderr.startswith("spanhook: stdin:1")
    assert said in ran.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("-f", "missing.yaml"), "missing.yaml: No such file or directory"),
        (("--settings", "missing.yaml"), "missing.yaml: No such file or directory"),
        (("--image-configs", "missing.json"), "missing.json: No such file or directory"),
    ],
)
def test_what_cannot_be_read_is_named(arguments: tuple[str, str], said: str) -> None:
    """A file that is not there is said by its name, with exit code 1."""
    ran = run("inject", *arguments, stdin=CART)

    assert (ran.code, ran.stdout, ran.stderr) == (1, b"", f"spanhook: {said}\n")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[", "images.json:1:2: Expecting value"),
        ('{"a:1": 3}', "images.json: a:1: "),
        ('{"a:1": {"config": {"Cmd": "x"}}}', "Cmd"),
    ],
)
def test_wrong_image_configurations_are_named(tmp_path: Path, content: str, said: str) -> None:
    """Errors name the file, and the reference and field where there is one."""
    images = tmp_path / "images.json"
    images.write_text(content)

    ran = run("inject", "--image-configs", str(images), stdin=CART)

    assert (ran.code, ran.stdout) == (1, b"")
    assert said in ran.stderr


def test_wrong_settings_are_named(tmp_path: Path) -> None:
    """Errors in the settings name the file and the field."""
    settings = tmp_path / "settings.yaml"
    settings.write_text("endpont: http://x\n")

    ran = run("inject", "--settings", str(settings), stdin=CART)

    assert ran.code == 1
    assert "settings.yaml: endpont: unknown field" in ran.stderr


def test_empty_input_is_an_error() -> None:
    """Nothing in is a mistake somewhere before the pipe, not a success."""
    ran = run("inject", stdin="# only a comment\n")

    assert (ran.code, ran.stdout) == (1, b"")
    assert ran.stderr == "spanhook: stdin: no documents: the input is empty\n"


def test_a_folder_without_manifests_is_an_error(tmp_path: Path) -> None:
    """A folder that holds none is named."""
    ran = run("inject", "-f", str(tmp_path))

    assert ran.code == 1
    assert "file in this folder; -R looks into its folders too" in ran.stderr


def test_bytes_that_are_no_text_are_an_error() -> None:
    """What is not UTF-8 is said with its line."""
    ran = run("inject", stdin=b"a: 1\nb: \xff\n")

    assert (ran.code, ran.stderr) == (1, "spanhook: stdin:2: not UTF-8: byte 0xff\n")


def test_stdin_is_read_once() -> None:
    """Naming stdin twice is wrong use."""
    assert run("inject", "-f", "-", "-f", "-", stdin=CART).code == 2


def test_what_was_changed_since_is_left_with_a_warning() -> None:
    """Uninject restores what it can and names what it left."""
    cart = CART.replace("command:", "env: [{name: PYTHONPATH, value: /lib}]\n        command:")
    injected = run("inject", "-q", stdin=cart).text
    altered = injected.replace("/spanhook/python:/lib", "/elsewhere")

    ran = run("uninject", stdin=altered)

    assert ran.code == 0
    assert "/elsewhere" in ran.text
    assert "! stdin  Deployment/cart  /spec/containers/0/env: PYTHONPATH was changed" in ran.stderr
    assert "1 of 1 pod restored" in ran.stderr
