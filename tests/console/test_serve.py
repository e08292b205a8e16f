"""What `spanhook serve` makes of its options; the server itself has tests of its own."""

from pathlib import Path

from typer.testing import CliRunner

from console.commands.serve import known_objects
from console.main import app

_MANIFESTS = """\
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {spanhook.dev/instrument: disabled}}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: shop}
data: {JAVA_TOOL_OPTIONS: -Xss1m}
"""


def test_objects(tmp_path: Path) -> None:
    """ConfigMaps and Namespaces of manifests become what a cluster would tell."""
    (tmp_path / "objects.yaml").write_text(_MANIFESTS)

    objects = known_objects([tmp_path])

    assert objects.config_maps == {("shop", "settings"): {"JAVA_TOOL_OPTIONS": "-Xss1m"}}
    assert objects.namespaces["shop"].labels == {"spanhook.dev/instrument": "disabled"}


def test_broken_objects(tmp_path: Path) -> None:
    """A manifest that cannot be read is named, and nothing is served."""
    (tmp_path / "objects.yaml").write_text("a: [")

    result = CliRunner().invoke(
        app, ["serve", "--standalone", "--port", "0", "--objects", str(tmp_path)]
    )

    assert result.exit_code == 1
    assert "objects.yaml" in result.stderr


def test_without_a_cluster_only() -> None:
    """Serving in a cluster is not there yet, and says so as wrong use."""
    result = CliRunner().invoke(app, ["serve"])

    assert result.exit_code == 2
    assert "--standalone" in result.stderr
