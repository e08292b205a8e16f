import json

import pytest

from demo.dockerfiles import image_config, instructions, shop_documents
from demo.images import SHOP_CONFIGS, ImageConfig
from demo.workloads import read

_BASES = {
    "base:1": {"config": {"Env": ["PATH=/bin", "X=base"], "Entrypoint": ["e"], "Cmd": ["c"]}},
    "build:1": {"config": {"Env": ["SDK=1"]}},
}


def test_the_image_configurations_are_those_of_the_dockerfiles() -> None:
    """`python -m demo.dockerfiles` was run after the last change of a Dockerfile."""
    assert shop_documents() == json.loads(SHOP_CONFIGS.read_text())


def test_every_image_of_the_shop_has_a_configuration() -> None:
    """All images of the manifests but the sidecar's, which is somebody else's."""
    images = {
        container["image"]
        for deployment in read().deployments
        for container in deployment["spec"]["template"]["spec"]["containers"]
    }

    assert images - set(json.loads(SHOP_CONFIGS.read_text())) == {"envoyproxy/envoy:v1.36.2"}


@pytest.mark.parametrize(
    ("service", "argv", "variable"),
    [
        ("storefront", ("docker-entrypoint.sh", "node", "server.js"), "NODE_VERSION"),
        ("cart", ("gunicorn", "--bind", "0.0.0.0:8080", "cart:app"), "PYTHON_VERSION"),
        ("prices", ("java", "-jar", "/app/prices.jar"), "JAVA_VERSION"),
        ("stock", ("/usr/local/bin/stock",), "GOLANG_VERSION"),
        ("exchange", ("dotnet", "Exchange.dll"), "ASPNET_VERSION"),
    ],
)
def test_what_an_image_starts(service: str, argv: tuple[str, ...], variable: str) -> None:
    """The command of the Dockerfile, and the version that its base image says."""
    document = json.loads(SHOP_CONFIGS.read_text())[f"shop/{service}:1.0.0"]
    config = ImageConfig.of(document)

    assert config.entrypoint + config.cmd == argv
    assert variable in config.env


def _config(*lines: str) -> dict[str, object]:
    config: dict[str, object] = image_config("\n".join(("FROM base:1", *lines)), _BASES)["config"]
    return config


def test_a_cmd_keeps_the_bases_entrypoint() -> None:
    """CMD replaces Cmd alone."""
    config = _config('CMD ["mine"]')

    assert (config["Entrypoint"], config["Cmd"]) == (["e"], ["mine"])


def test_an_entrypoint_empties_the_bases_cmd() -> None:
    """ENTRYPOINT resets what the base image passes to its own."""
    config = _config('ENTRYPOINT ["mine"]')

    assert config["Entrypoint"] == ["mine"]
    assert "Cmd" not in config


def test_a_variable_is_added_or_replaced() -> None:
    """ENV adds behind the base's variables; one of the same name goes."""
    assert _config("ENV Y=1", "ENV X=mine")["Env"] == ["PATH=/bin", "Y=1", "X=mine"]


def test_only_the_last_stage_counts() -> None:
    """What a build stage sets is not in the image."""
    text = "ARG BUILD=build:1\nARG BASE=base:1\nFROM ${BUILD} AS build\nENV A=1\nFROM ${BASE}\n"

    document = image_config(text + "COPY --from=build /x ./\nUSER 5\n", _BASES)

    assert document["config"]["Env"] == ["PATH=/bin", "X=base"]
    assert document["config"]["User"] == "5"
    assert [entry["created_by"] for entry in document["history"]] == [
        "COPY --from=build /x ./ # buildkit",
        "USER 5 # buildkit",
    ]


def test_lines_are_joined_and_comments_left_out() -> None:
    """A backslash continues an instruction."""
    text = "# comment\nFROM a\n\nRUN one \\\n && two\n"

    assert list(instructions(text)) == [("FROM", "a"), ("RUN", "one && two")]


def test_an_instruction_that_is_not_known_is_an_error() -> None:
    """A Dockerfile that uses more than is understood does not pass unnoticed."""
    with pytest.raises(KeyError, match="HEALTHCHECK"):
        _config("HEALTHCHECK NONE")
