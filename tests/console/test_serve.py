"""What `spanhook serve` makes of its options; the server itself has tests of its own."""

import json
from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from console.commands.serve import known_objects
from console.main import app
from tests.webhook.images.profile.examples import DIGEST as PROFILED
from tests.webhook.images.profile.examples import platform, profile
from tests.webhook.observed.examples import KEY, application
from webhook.images.profile import write
from webhook.server.cluster.options import Options
from webhook.server.endpoint import ANYWHERE

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


def test_what_was_learnt(tmp_path: Path) -> None:
    """Images and what was seen run decide in a server without a cluster, too."""
    files = (tmp_path / "images.json", tmp_path / "observed.json")
    files[0].write_text(json.dumps(msgspec.to_builtins(write(profile(platform(Cmd=["python3"]))))))
    files[1].write_text(json.dumps(application("java", version="21.0.4")))

    objects = known_objects([tmp_path])

    assert set(objects.digests.values()) == {PROFILED}
    assert objects.images.keys() == objects.digests.keys()
    assert objects.observed[KEY].version == "21.0.4"


def test_broken_objects(tmp_path: Path) -> None:
    """A manifest that cannot be read is named, and nothing is served."""
    (tmp_path / "objects.yaml").write_text("a: [")

    result = CliRunner().invoke(
        app, ["serve", "--standalone", "--port", "0", "--objects", str(tmp_path)]
    )

    assert result.exit_code == 1
    assert "objects.yaml" in result.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "--kubeconfig FILE, or run it in a pod of the cluster; --standalone"),
        (("--standalone", "--context", "kind"), "without a cluster"),
        (("--standalone", "--certificates", "own"), "without a cluster"),
        (("--kubeconfig", "k", "--objects", "o"), "its own objects are read"),
        (("--kubeconfig", "k", "--cert-dir", "d", "--service", "s"), "the Secret is not looked at"),
        (("--context", "kind"), "a context is one of a --kubeconfig"),
    ],
    ids=["nowhere", "context alone", "certificates alone", "objects", "two sources", "context"],
)
def test_options_that_do_not_go_together(
    options: tuple[str, ...], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wrong use is told, with what would be right, before anything is read."""
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)

    result = CliRunner().invoke(app, ["serve", *options])

    assert result.exit_code == 2
    assert said in " ".join(result.stderr.replace("│", " ").split())


@pytest.mark.parametrize(
    ("options", "host"),
    [
        ((), ANYWHERE),
        (("--host", "10.1.2.3"), "10.1.2.3"),
        (("--kubeconfig", "k"), "127.0.0.1"),
    ],
    ids=["pod", "said", "outside"],
)
def test_where_it_listens(
    options: tuple[str, ...], host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pod is reached from everywhere, over both families; a person's machine is not."""
    found: list[Options] = []
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.96.0.1")
    monkeypatch.setattr(
        "webhook.server.cluster.webhook.run", lambda options, **_: found.append(options)
    )

    result = CliRunner().invoke(app, ["serve", *options])

    assert result.exit_code == 0
    assert [one.endpoint.host for one in found] == [host]


def test_a_kubeconfig_that_is_not_there(tmp_path: Path) -> None:
    """A kubeconfig that cannot be used ends the command, with the file's name."""
    missing = str(tmp_path / "kubeconfig")

    result = CliRunner().invoke(
        app, ["serve", "--kubeconfig", missing, "--port", "0", "--cert-dir", str(tmp_path)]
    )

    assert result.exit_code == 1
    assert f"{missing}: there is no kubeconfig" in result.stderr
