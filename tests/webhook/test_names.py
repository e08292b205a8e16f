from pathlib import Path

import pytest
from ruamel.yaml import YAML

from webhook import names

BASE = Path(__file__).parents[2] / "manifests" / "base"


@pytest.mark.parametrize(
    ("file", "kind", "name"),
    [
        ("namespace-system.yaml", "Namespace", names.NAMESPACE),
        ("namespace-node.yaml", "Namespace", names.NODE_NAMESPACE),
        ("webhook/deployment.yaml", "Deployment", names.WEBHOOK),
        ("webhook/service.yaml", "Service", names.WEBHOOK),
        ("webhook/configuration.yaml", "MutatingWebhookConfiguration", names.CONFIGURATION),
        ("webhook/certificates.yaml", "Secret", names.CERTIFICATES),
        ("settings.yaml", "ConfigMap", names.SETTINGS),
    ],
)
def test_the_manifests_have_these_names(file: str, kind: str, name: str) -> None:
    """What is looked for is what is installed."""
    found = YAML(typ="safe").load(BASE / file)

    assert (found["kind"], found["metadata"]["name"]) == (kind, name)
    assert found["metadata"].get("namespace", names.NAMESPACE) == names.NAMESPACE
