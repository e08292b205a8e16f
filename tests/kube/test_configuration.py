import asyncio
import base64
import json
import logging
import sys
from pathlib import Path
from typing import Any

import pytest
from kubernetes.aio.client import Configuration

from certs.authority import Authority
from kube import configuration
from kube.client import connect
from kube.configuration import Access, access, pod_namespace, service_account
from kube.errors import KubeconfigError
from tests.kube.answering import kubeconfig
from webhook.server.service import now

URL = "https://cluster.example:6443"


def read(path: Path | None, context: str | None = None) -> Access:
    """What a kubeconfig gives."""
    return asyncio.run(access(path, context))


async def token(config: Configuration) -> str | None:
    """The token that the next request would have."""
    settings = await config.auth_settings()
    return str(settings["BearerToken"]["value"]) if settings else None


def encoded(text: bytes) -> str:
    """A `…-data` field."""
    return base64.b64encode(text).decode()


def test_data_fields(tmp_path: Path) -> None:
    """Certificates inside the kubeconfig become files, and the context's namespace is known."""
    authority = Authority.create(now())
    user = {
        "client-certificate-data": encoded(authority.certificate),
        "client-key-data": encoded(authority.key),
    }

    found = read(kubeconfig(tmp_path / "k", URL, user, namespace="shop"))

    config = found.configuration
    assert (config.host, found.namespace) == (URL, "shop")
    assert Path(str(config.cert_file)).read_bytes() == authority.certificate
    assert Path(str(config.key_file)).read_bytes() == authority.key


def test_another_context(tmp_path: Path) -> None:
    """A context that is asked for goes before the current one."""
    path = kubeconfig(tmp_path / "k", URL, {"token": "t"})
    document = json.loads(path.read_text())
    entry = {"cluster": "one", "user": "me", "namespace": "other"}
    document["contexts"].append({"name": "there", "context": entry})
    path.write_text(json.dumps(document))

    assert read(path).namespace is None
    assert read(path, "there").namespace == "other"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [", "line 1"),
        ("- a", "k: "),
        ("", "k: "),
        ("{}", "has no current-context; known are none"),
        (
            '{"contexts": [{"name": "a"}, {"name": "b"}], "current-context": "c"}',
            'has no context "c"; known are a, b',
        ),
        ('{"contexts": [{"name": "a", "context": {}}], "current-context": "a"}', "cluster"),
    ],
    ids=["not YAML", "a list", "empty", "no context", "unknown context", "no cluster"],
)
def test_a_kubeconfig_that_cannot_be_used(tmp_path: Path, text: str, said: str) -> None:
    """The file is named, what is wrong with it, and what it has instead."""
    path = tmp_path / "k"
    path.write_text(text)

    with pytest.raises(KubeconfigError) as caught:
        read(path)

    assert str(path) in str(caught.value)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_no_kubeconfig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an option $KUBECONFIG is read, then the home directory; both are named."""
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    with pytest.raises(KubeconfigError, match=r"k: there is no kubeconfig; no such file"):
        read(tmp_path / "k")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("KUBECONFIG", raising=False)
    with pytest.raises(KubeconfigError, match=r"\.kube/config: .* give one with --kubeconfig"):
        read(None)
    monkeypatch.setenv("KUBECONFIG", str(kubeconfig(tmp_path / "k", URL, namespace="env")))
    assert read(None).namespace == "env"


def test_a_broken_authority(tmp_path: Path) -> None:
    """A certificate that is none is an error of the kubeconfig, not of the connection."""
    path = kubeconfig(tmp_path / "k", URL)
    document = json.loads(path.read_text())
    document["clusters"][0]["cluster"]["certificate-authority-data"] = encoded(b"x")
    path.write_text(json.dumps(document))

    async def run() -> None:
        async with connect(path):
            raise AssertionError

    with pytest.raises(KubeconfigError, match="certificates"):
        asyncio.run(run())


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look at credentials again before every request."""
    monkeypatch.setattr(configuration, "_LOOK_AGAIN_SECONDS", 0.0)


@pytest.mark.usefixtures("impatient")
def test_a_token_in_a_file_changes(tmp_path: Path) -> None:
    """A token file is read again while we run."""
    file = tmp_path / "token"
    file.write_text("first")

    async def run() -> list[str | None]:
        found = await access(kubeconfig(tmp_path / "k", URL, {"tokenFile": str(file)}))
        before = await token(found.configuration)
        file.write_text("second")
        return [before, await token(found.configuration)]

    assert asyncio.run(run()) == ["Bearer first", "Bearer second"]


def plugin(directory: Path, *, expires: bool) -> dict[str, Any]:
    """A user whose exec plugin counts its calls."""
    expiry = "status['expirationTimestamp'] = '2020-01-01T00:00:00Z'" if expires else ""
    script = directory / "plugin.py"
    script.write_text(
        f"""
import json, pathlib
calls = pathlib.Path({str(directory / "calls")!r})
count = int(calls.read_text()) + 1 if calls.exists() else 1
calls.write_text(str(count))
status = {{"token": f"token-{{count}}"}}
{expiry}
version = "client.authentication.k8s.io/v1"
print(json.dumps({{"apiVersion": version, "kind": "ExecCredential", "status": status}}))
"""
    )
    version = "client.authentication.k8s.io/v1"
    return {"exec": {"apiVersion": version, "command": sys.executable, "args": [str(script)]}}


# the kubernetes package asks for the time in a way that Python 3.12 deprecates
@pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow")
@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    ("expires", "second"), [(True, "token-2"), (False, "token-1")], ids=["expired", "no expiry"]
)
def test_an_exec_plugin(tmp_path: Path, *, expires: bool, second: str) -> None:
    """A plugin gives the token; it runs again when that expires, or when it is asked to."""

    async def run() -> list[str | None]:
        found = await access(kubeconfig(tmp_path / "k", URL, plugin(tmp_path, expires=expires)))
        before = found.configuration.api_key["BearerToken"]
        after = await token(found.configuration)
        await found.renew()
        return [before, after, await token(found.configuration)]

    first, again, renewed = asyncio.run(run())

    assert (first, again) == ("Bearer token-1", f"Bearer {second}")
    assert renewed not in (first, again)


def test_an_exec_plugin_that_fails(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Without credentials we do not go on as nobody; the plugin's own words are logged."""
    words = "import sys; sys.exit('sign in first')"
    version = "client.authentication.k8s.io/v1"
    user = {"exec": {"apiVersion": version, "command": sys.executable, "args": ["-c", words]}}
    logging.getLogger("kubernetes.aio").propagate = True

    with pytest.raises(KubeconfigError, match="the exec plugin gave no credentials"):
        read(kubeconfig(tmp_path / "k", URL, user))

    assert "sign in first" in caplog.text


def account(directory: Path, text: str = "first") -> Path:
    """A service account's directory as the kubelet makes it."""
    directory.mkdir(exist_ok=True)
    (directory / "token").write_text(text)
    (directory / "ca.crt").write_bytes(Authority.create(now()).certificate)
    (directory / "namespace").write_text("spanhook-system\n")
    return directory


def test_in_a_pod(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The service account's token, authority and namespace; a replaced token is taken up."""
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "fd00::1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "443")

    async def run() -> tuple[Access, list[str | None]]:
        found = service_account(account(tmp_path / "account"))
        before = await token(found.configuration)
        account(tmp_path / "account", "second")
        await found.renew()
        return found, [before, await token(found.configuration)]

    found, tokens = asyncio.run(run())

    assert (found.configuration.host, found.namespace) == (
        "https://[fd00::1]:443",
        "spanhook-system",
    )
    assert tokens == ["bearer first", "bearer second"]


def test_a_pod_without_a_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is missing is named, and the usual cause."""
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.96.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "443")

    with pytest.raises(KubeconfigError, match="automountServiceAccountToken"):
        service_account(tmp_path)

    assert pod_namespace(tmp_path) is None
