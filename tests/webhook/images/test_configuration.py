"""Reading image configurations of both shapes, and refusing what is none."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webhook.images import buildpacks
from webhook.images.configuration import read, read_all
from webhook.model import Image, Json

CONFIG = {
    "Env": ["PATH=/bin", "NODE_VERSION=20.0.0", "NODE_VERSION=22.23.2", "EMPTY=", "X=a=b", "none"],
    "Entrypoint": ["docker-entrypoint.sh"],
    "Cmd": ["node"],
    "Labels": {"a": "b"},
    "User": "1000:1000",
    "WorkingDir": "/app",
    "ExposedPorts": {"8080/tcp": {}},
}
OCI = {"architecture": "arm64", "os": "linux", "config": CONFIG, "rootfs": {"type": "layers"}}
DOCKER = {"Id": "sha256:0", "Architecture": "arm64", "Os": "linux", "Config": CONFIG}

REFUSED: list[tuple[Json, str]] = [
    (None, "the document: expected an image's configuration, an object, found null"),
    ("x", "the document: expected an image's configuration, an object, found a string"),
    ([], "expected one image's configuration, found a list of 0"),
    ([OCI, OCI], "expected one image's configuration, found a list of 2"),
    ({}, "expected an image's configuration (an object with 'config')"),
    ({"manifests": []}, "expected an image's configuration (an object with 'config')"),
    (
        {"config": {"mediaType": "application/json", "digest": "sha256:0", "size": 1}},
        "config: this is an image manifest",
    ),
    ({"config": []}, "config: expected an object, found a list"),
    ({"config": {"Env": {}}}, "config.Env: expected a list of strings, found an object"),
    ({"config": {"Env": ["A=b", 1]}}, "config.Env[1]: expected a string, found a number"),
    ({"config": {"Entrypoint": "x"}}, "config.Entrypoint: expected a list of strings, found a st"),
    ({"config": {"Cmd": [None]}}, "config.Cmd[0]: expected a string, found null"),
    ({"config": {"Labels": ["a"]}}, "config.Labels: expected an object, found a list"),
    ({"config": {"Labels": {"a": True}}}, "config.Labels['a']: expected a string, found true or"),
    ({"config": {"User": 0}}, "config.User: expected a string, found a number"),
    ({"os": 1.5}, "os: expected a string, found a number"),
    ({"config": None, "architecture": 1}, "architecture: expected a string, found a number"),
    ({"history": {}}, "history: expected a list of objects, found an object"),
    ({"history": [{}, "x"]}, "history[1]: expected an object, found a string"),
    ({"history": [{"created_by": 1}]}, "history[0].created_by: expected a string, found a number"),
]


@pytest.mark.parametrize("document", [OCI, DOCKER, [DOCKER]], ids=["oci", "docker", "inspect"])
def test_read(document: Json) -> None:
    """Both shapes give the same image; of a variable that stands twice the last counts."""
    image = read(document)

    assert image.entrypoint == ("docker-entrypoint.sh",)
    assert image.cmd == ("node",)
    assert image.environment == {
        "PATH": "/bin",
        "NODE_VERSION": "22.23.2",
        "EMPTY": "",
        "X": "a=b",
    }
    assert image.labels == {"a": "b"}
    assert (image.user, image.architecture) == ("1000:1000", "arm64")
    assert [(e.language, e.version) for e in image.evidence] == [("nodejs", "22.23.2")]
    assert image.evidence[0].fact == "NODE_VERSION=22.23.2 in the image's environment"


@pytest.mark.parametrize(
    "document",
    [
        {"config": None},
        {"config": {}, "history": None},
        {"config": {"Env": None, "Cmd": None, "Entrypoint": None, "Labels": None, "User": None}},
        {"rootfs": {"type": "layers", "diff_ids": []}},
    ],
)
def test_nulls(document: Json) -> None:
    """A field that is null or absent is empty."""
    assert Image() == read(document)


@pytest.mark.parametrize(("document", "why"), REFUSED, ids=[repr(case) for case, _ in REFUSED])
def test_read_refuses(document: Json, why: str) -> None:
    """What is no configuration is refused with the field's name and what was expected."""
    with pytest.raises(ValueError, match=r"\w") as refusal:
        read(document)

    assert why in str(refusal.value)


def test_read_all() -> None:
    """References are canonical keys; two spellings of one image may say the same."""
    images = read_all(
        {"node:22": OCI, "docker.io/library/node:22": OCI, "ghcr.io/acme/app": {"os": ""}}
    )

    assert list(images) == ["docker.io/library/node:22", "ghcr.io/acme/app:latest"]


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ([], "image configurations: expected an object: image reference → document, found a list"),
        ({"node:22": {"config": {"Env": 1}}}, "node:22: config.Env: expected a list of strings"),
        ({"Node": OCI}, "'Node' is not an image reference"),
        ({1: OCI}, "image configurations: expected references that are strings, found a number"),
        ({"node": OCI, "node:latest": {"os": "linux"}}, "node:latest: another document describes"),
    ],
    ids=["no object", "bad document", "bad reference", "no string", "contradiction"],
)
def test_read_all_refuses(document: Json, why: str) -> None:
    """An error names the reference that it is about."""
    with pytest.raises(ValueError, match=r"\w") as refusal:
        read_all(document)

    assert str(refusal.value).startswith(why)


def test_facts_keep_secrets() -> None:
    """A fact quotes what matched in the history, never the build arguments beside it."""
    line = "RUN |1 TOKEN=s3cret /bin/sh -c npm ci --token s3cret # buildkit"
    image = read(
        {"history": [{"created_by": line}], "config": {"Env": ["NPM_CONFIG_TOKEN=s3cret"]}}
    )

    assert [e.fact for e in image.evidence] == ["“npm ci” in the image's history"]
    assert "s3cret" not in repr(image.evidence)


def test_long_values_are_shortened() -> None:
    """A fact stays a phrase whatever a variable holds."""
    image = read({"config": {"Env": ["JAVA_VERSION=17" + "x" * 10_000]}})

    assert image.evidence[0].version == "17"
    assert len(image.evidence[0].fact) < 120


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=12,
)
_lines = st.sampled_from(
    ["apk add x", "COPY a.jar /", "npm ci", "apko", "jib-cli", "", "ko build x", "RUN pip install"]
)
_metadata = st.one_of(
    _json.map(json.dumps),
    st.text(max_size=20),
    st.fixed_dictionaries(
        {
            "buildpacks": _json | st.lists(st.fixed_dictionaries({"id": _json})),
            "processes": _json
            | st.lists(st.fixed_dictionaries({"type": st.just("web"), "command": _json})),
            "bom": _json | st.lists(st.fixed_dictionaries({"name": _json, "metadata": _json})),
        }
    ).map(json.dumps),
)
_configurations = st.fixed_dictionaries(
    {},
    optional={
        "architecture": _json,
        "os": _json | st.sampled_from(["linux", "Windows"]),
        "config": _json
        | st.fixed_dictionaries(
            {},
            optional={
                "Env": _json | st.lists(st.text(max_size=30)),
                "Entrypoint": _json | st.lists(st.text(max_size=10)),
                "Labels": st.fixed_dictionaries(
                    {}, optional={buildpacks.LABEL: _metadata, "name": _json}
                ),
            },
        ),
        "history": _json | st.lists(st.fixed_dictionaries({"created_by": _lines})),
    },
)


@given(_json | _configurations)
def test_read_raises_only_value_errors(document: Json) -> None:
    """Any JSON is an image or a ValueError, and no other exception."""
    try:
        image = read(document)
    except ValueError:
        return
    assert isinstance(image, Image)


@given(_json | st.dictionaries(st.sampled_from(["a", "b:1", "A", ""]), _configurations))
def test_read_all_raises_only_value_errors(document: Json) -> None:
    """Any JSON is a collection of images or a ValueError, and no other exception."""
    try:
        images = read_all(document)
    except ValueError:
        return
    assert all(":" in reference for reference in images)


def test_deep_label() -> None:
    """A label of nested brackets tells nothing, and harms nothing."""
    label = {buildpacks.LABEL: "[" * 100_000}

    assert read({"config": {"Labels": label}}).evidence == ()
