import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest

from webhook.languages import LANGUAGES
from webhook.quantity import parse
from webhook.settings import VERSION, InitContainerSettings, LanguageSettings, Settings, image


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


@pytest.mark.parametrize(
    ("document", "where"),
    [
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
