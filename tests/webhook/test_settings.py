import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest

from registry.routes import Route
from webhook.languages import LANGUAGES
from webhook.quantity import parse
from webhook.settings import (
    VERSION,
    ImageInspectionSettings,
    InitContainerSettings,
    LanguageSettings,
    Mirror,
    Settings,
    image,
)


def test_empty_document() -> None:
    """An empty document is a good one."""
    assert msgspec.convert({}, Settings) == Settings()


def test_names() -> None:
    """The document's names are in camel case."""
    document = {
        "endpoint": "http://$(SPANHOOK_NODE_IP):4318",
        "signals": ["traces", "logs"],
        "samplingRatio": 0.1,
        "propagators": ["b3"],
        "envFromUnknown": "skip",
        "ignoredNamespaces": ["a"],
        "ignoredContainers": ["b"],
        "languages": {"java": {"enabled": False, "image": "x", "minimumMemory": "1Gi"}},
        "initContainer": {"imagePullPolicy": "Always", "setUser": False},
    }

    assert msgspec.convert(document, Settings) == Settings(
        endpoint="http://$(SPANHOOK_NODE_IP):4318",
        signals=("traces", "logs"),
        sampling_ratio=0.1,
        propagators=("b3",),
        env_from_unknown="skip",
        ignored_namespaces=("a",),
        ignored_containers=("b",),
        languages={"java": LanguageSettings(enabled=False, image="x", minimum_memory="1Gi")},
        init_container=InitContainerSettings(image_pull_policy="Always", set_user=False),
    )


def test_names_of_image_inspection() -> None:
    """The same holds for what can be set about asking registries."""
    document = {
        "enabled": False,
        "deadline": 0.5,
        "layers": False,
        "platforms": ["linux/arm64", "linux/arm/v7"],
        "tagAge": 60,
        "keepUnused": 86400,
        "mirrors": [
            {"prefix": "docker.io", "location": "mirror.corp:5000/hub"},
            {"prefix": "quay.io/team", "location": "[::1]:5000", "fallback": False},
        ],
        "plainHttp": ["localhost:5000"],
        "unverified": ["registry.corp"],
        "local": ["localhost:5000"],
        "certificateAuthorities": "-----BEGIN CERTIFICATE-----",
        "proxy": "http://user:word@proxy.corp:3128",
        "noProxy": [".corp"],
        "pullSecret": "mine",
        "readPullSecrets": True,
        "layerBytesPerImage": 1,
        "layerSecondsPerImage": 2,
        "layerBytesPerHour": 3,
    }

    assert msgspec.convert({"imageInspection": document}, Settings).image_inspection == (
        ImageInspectionSettings(
            enabled=False,
            deadline=0.5,
            layers=False,
            platforms=("linux/arm64", "linux/arm/v7"),
            tag_age=60,
            keep_unused=86400,
            mirrors=(
                Mirror("docker.io", "mirror.corp:5000/hub"),
                Mirror("quay.io/team", "[::1]:5000", fallback=False),
            ),
            plain_http=("localhost:5000",),
            unverified=("registry.corp",),
            local=("localhost:5000",),
            certificate_authorities="-----BEGIN CERTIFICATE-----",
            proxy="http://user:word@proxy.corp:3128",
            no_proxy=(".corp",),
            pull_secret="mine",
            read_pull_secrets=True,
            layer_bytes_per_image=1,
            layer_seconds_per_image=2,
            layer_bytes_per_hour=3,
        )
    )


@pytest.mark.parametrize("text", ["docker.io", "mirror.corp:5000/hub/library", "[::1]:5000/a.b-c"])
def test_mirrors_are_routes(text: str) -> None:
    """What may stand as a mirror is what the registry's client takes."""
    mirror = msgspec.convert({"prefix": text, "location": text}, Mirror)

    assert Route(mirror.prefix, (mirror.location,), mirror.fallback).targets == (text,)


@pytest.mark.parametrize(
    ("document", "where"),
    [
        ({"imageInspection": {"deadline": 3}}, "$.imageInspection.deadline"),
        ({"imageInspection": {"deadline": -1}}, "$.imageInspection.deadline"),
        ({"imageInspection": {"platforms": ["amd64"]}}, "$.imageInspection.platforms"),
        ({"imageInspection": {"plainHttp": ["http://a"]}}, "$.imageInspection.plainHttp"),
        ({"imageInspection": {"local": ["a\n"]}}, "$.imageInspection.local"),
        ({"imageInspection": {"proxy": "proxy:3128"}}, "$.imageInspection.proxy"),
        ({"imageInspection": {"mirrors": [{"prefix": "a"}]}}, "location"),
        (
            {"imageInspection": {"mirrors": [{"prefix": "https://a", "location": "b"}]}},
            "$.imageInspection.mirrors[0].prefix",
        ),
        (
            {"imageInspection": {"mirrors": [{"prefix": "a", "location": "b//c"}]}},
            "$.imageInspection.mirrors[0].location",
        ),
        ({"imageInspection": {"layerBytesPerHour": -1}}, "$.imageInspection.layerBytesPerHour"),
        # A tag that is always too old would be asked for without end.
        ({"imageInspection": {"tagAge": 0}}, "$.imageInspection.tagAge"),
        ({"endpiont": "x"}, "endpiont"),
        ({"signals": ["smoke"]}, "$.signals"),
        ({"samplingRatio": 1.5}, "$.samplingRatio"),
        ({"samplingRatio": "0.5"}, "$.samplingRatio"),
        ({"envFromUnknown": "perhaps"}, "$.envFromUnknown"),
        ({"languages": {"java": {"enable": True}}}, "$.languages"),
        ({"languages": {"java": {"minimumMemory": "64MB"}}}, "minimumMemory"),
        ({"languages": {"java": {"minimumMemory": "64ki"}}}, "minimumMemory"),
        ({"initContainer": {"imagePullPolicy": "Sometimes"}}, "$.initContainer.imagePullPolicy"),
        ({"initContainer": {"setuser": True}}, "$.initContainer"),
    ],
)
def test_bad_document(document: Any, where: str) -> None:
    """A document with a wrong name or value is refused, with the field named."""
    with pytest.raises(msgspec.ValidationError) as raised:
        msgspec.convert(document, Settings)

    assert where in str(raised.value)


@pytest.mark.parametrize("quantity", ["67108864", "65536Ki", "64Mi", "0.5Gi", "64M", "64000k"])
def test_quantities(quantity: str) -> None:
    """A quantity may have every unit that Kubernetes knows, and is understood with it."""
    document = {"languages": {"java": {"minimumMemory": quantity}}}

    assert msgspec.convert(document, Settings).language("java").minimum_memory == quantity
    assert parse(quantity)


def test_language() -> None:
    """A language that the document does not name has its defaults."""
    off = LanguageSettings(enabled=False)
    settings = Settings(languages={"java": off})

    assert settings.language("java") is off
    assert settings.language("python") == LanguageSettings()


def test_images() -> None:
    """Our own agent images carry our version."""
    assert image("java") == f"ghcr.io/spanhook/agent-java:{VERSION}"
    assert all(x.image for x in LANGUAGES if x.variables)


def test_version() -> None:
    """The version that the code names is the project's."""
    project = Path(__file__).parents[2] / "pyproject.toml"

    assert tomllib.loads(project.read_text())["project"]["version"] == VERSION
