"""What Cloud Native Buildpacks write about the images that they build."""

import json

import pytest

from webhook.images.buildpacks import LABEL, language_of, of_image
from webhook.model import Image, Json

IDENTITIES = [
    ("paketo-buildpacks/bellsoft-liberica", "java"),
    ("paketo-buildpacks/executable-jar", "java"),
    ("paketo-buildpacks/spring-boot", "java"),
    ("heroku/jvm", "java"),
    ("google.java.runtime", "java"),
    ("paketo-buildpacks/cpython", "python"),
    ("google.python.pip", "python"),
    ("paketo-buildpacks/node-engine", "nodejs"),
    ("heroku/nodejs-engine", "nodejs"),
    ("google.nodejs.npm", "nodejs"),
    ("paketo-buildpacks/dotnet-core-aspnet-runtime", "dotnet"),
    ("google.dotnet.publish", "dotnet"),
    ("paketo-buildpacks/go-build", "go"),
    ("google.go.build", "go"),
    ("paketo-buildpacks/puma", "~Ruby"),
    ("paketo-buildpacks/php-fpm", "~PHP"),
    ("paketo-buildpacks/nginx", "~nginx"),
    ("paketo-community/rust-dist", "~Rust"),
    ("paketo-buildpacks/ca-certificates", None),
    ("paketo-buildpacks/procfile", None),
    ("google.utils.label-image", None),
    ("acme/java", None),
]

PROCESSES: list[Json] = [
    {"type": "web", "command": ["java"], "args": ["-jar", "app.jar"]},
    {"type": "worker", "command": "python worker.py", "direct": False},
    {"type": "task", "command": ["/workspace/run"], "buildpackID": "google.nodejs.npm"},
    {"type": "odd", "command": {"x": 1}},
]


def image(entrypoint: str, metadata: Json, **environment: str) -> Image:
    """An image with that entrypoint and metadata."""
    return Image(
        entrypoint=(entrypoint,),
        labels={LABEL: json.dumps(metadata)},
        environment=environment,
    )


@pytest.mark.parametrize(("identity", "language"), IDENTITIES)
def test_language_of(identity: str, language: str | None) -> None:
    """A buildpack of one language tells it; one that serves several tells nothing."""
    assert language == language_of(identity)


@pytest.mark.parametrize(
    ("built", "language", "fact"),
    [
        (image("/cnb/process/web", {}), "java", "the buildpacks' process web starts java"),
        (
            image("/cnb/process/worker", {}),
            "python",
            "the buildpacks' process worker starts python",
        ),
        (
            image("/cnb/process/task", {}),
            "nodejs",
            "buildpack google.nodejs.npm starts the process task",
        ),
        (image("/cnb/lifecycle/launcher", {}), "java", "the buildpacks' process web starts java"),
        (
            image("/cnb/lifecycle/launcher", {}, CNB_PROCESS_TYPE="worker"),
            "python",
            "the buildpacks' process worker starts python",
        ),
        (
            image("/cnb/lifecycle/launcher", {"buildpack-default-process-type": "worker"}),
            "python",
            "the buildpacks' process worker starts python",
        ),
    ],
)
def test_process(built: Image, language: str, fact: str) -> None:
    """The process that the image starts decides, whatever else was built into it."""
    metadata = json.loads(built.labels[LABEL]) | {
        "processes": PROCESSES,
        "buildpacks": [{"id": "heroku/ruby"}],
    }
    whole = Image(built.entrypoint, (), built.environment, {LABEL: json.dumps(metadata)})

    (piece,) = of_image(whole)

    assert (language, fact, True) == (piece.language, piece.fact, piece.decides)


@pytest.mark.parametrize("kind", ["odd", "missing"])
def test_unknown_process(kind: str) -> None:
    """Without a process that tells, the buildpacks do: one language decides, several are hints."""
    ids = ["paketo-buildpacks/procfile", "google.go.build", "google.go.runtime"]
    one = {"processes": PROCESSES, "buildpacks": [{"id": identity} for identity in ids]}
    two = {"buildpacks": [*one["buildpacks"], {"id": "google.python.pip"}, {}, 7]}

    decided = of_image(image(f"/cnb/process/{kind}", one))
    assert [(p.language, p.decides) for p in decided] == [("go", True)]
    hinted = of_image(image(f"/cnb/process/{kind}", two))
    assert [(p.language, p.decides) for p in hinted] == [("go", False), ("python", False)]


def test_native_image() -> None:
    """The native image buildpack says that there is no virtual machine, whatever the others say."""
    metadata = {
        "processes": PROCESSES,
        "buildpacks": [{"id": "paketo-buildpacks/bellsoft-liberica"}, {"id": "a/native-image"}],
    }

    (piece,) = of_image(image("/cnb/process/web", metadata))

    assert (piece.language, piece.decides) == ("~native", True)
    assert "a/native-image" in piece.fact


@pytest.mark.parametrize(
    ("bom", "version"),
    [
        ([{"name": "jre", "metadata": {"version": "17.0.9"}}], "17.0.9"),
        ([{"name": "node", "metadata": {"version": "22.0.0"}}], None),
        ([{"name": "jre", "metadata": None}, {"name": ["jre"]}, None], None),
        ({"name": "jre"}, None),
    ],
)
def test_bill_of_materials(bom: Json, version: str | None) -> None:
    """The version is the one of the language's own runtime in the bill of materials."""
    (piece,) = of_image(image("/cnb/process/web", {"processes": PROCESSES, "bom": bom}))

    assert version == piece.version


@pytest.mark.parametrize("label", ["", "null", "[]", "{", '"x"', '{"processes": {"web": 1}}'])
def test_malformed_metadata(label: str) -> None:
    """A label that is not as specified tells nothing."""
    assert of_image(Image(labels={LABEL: label})) == ()
