"""Certificates that somebody else writes into the Secret, as cert-manager does."""

import base64
from datetime import UTC, datetime, timedelta
from pathlib import Path

from certs import bundle
from certs.authority import Authority, Leaf
from tests.cluster import Cluster
from tests.waiting import until
from tests.webhook.server.cluster.certificates.stage import (
    ENTRIES,
    SECRET,
    SERVICE,
    Calling,
    Stage,
    stage,
)

NOW = datetime.now(UTC)
ISSUER = Authority.create(NOW, timedelta(days=3650), "cert-manager")


def issue(one: Stage, issuer: Authority = ISSUER, **days: int) -> Leaf:
    """A certificate as cert-manager writes it: for the one name by which API servers call."""
    start = NOW - timedelta(days=days.get("ago", 0))
    return issuer.issue([f"{SERVICE}.{one.home}.svc"], start, timedelta(days=days.get("valid", 30)))


def provide(one: Stage, leaf: Leaf) -> None:
    """Write it as cert-manager does: a Secret of its type, made anew where there is none."""
    content = {"ca.crt": leaf.authority, "tls.crt": leaf.certificate, "tls.key": leaf.key}
    one.cluster.apply(
        {
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": SECRET, "namespace": one.home},
            "type": "kubernetes.io/tls",
            "data": {key: base64.b64encode(value).decode() for key, value in content.items()},
        }
    )


def inject_bundle(one: Stage, authority: Authority) -> None:
    """What cert-manager's cainjector does."""
    value = base64.b64encode(authority.certificate).decode()
    operations = [
        {"op": "add", "path": f"/webhooks/{index}/clientConfig/caBundle", "value": value}
        for index, _ in enumerate(ENTRIES)
    ]
    answer = one.cluster.patch("MutatingWebhookConfiguration", one.home, operations)
    assert answer.status == 200, answer.body


def serves(one: Stage, leaf: Leaf) -> bool:
    """Whether every replica serves it."""
    wanted = one.served()
    return bool(wanted) and set(wanted.values()) == {_hash(leaf)}


def _hash(leaf: Leaf) -> str:
    return bundle.fingerprint(leaf.certificate)


def test_provided(api: Cluster, tmp_path: Path) -> None:
    """Waited for, taken up, renewed without a failed call; what does not do is kept out, and said.

    Neither the Secret nor the configuration is ever written.
    """
    with stage(api, tmp_path, "--certificates", "provided") as one:
        api.delete("Secret", SECRET, one.home)
        replica = one.fleet._start("early")
        one.fleet.replicas.append(replica)
        until(lambda: one.said("certificates: the Secret does not exist"), "it says what lacks")
        assert not replica.is_ready()

        provide(one, first := issue(one))
        until(replica.is_ready, "it is ready")
        one.fleet.publish(replica)
        one.fleet.scale_up()
        inject_bundle(one, ISSUER)
        until(one.instrumented, "pods are instrumented")
        assert serves(one, first)

        with Calling(one) as calling:
            provide(one, renewed := issue(one))
            until(lambda: serves(one, renewed), "the new one is served")
            _keep_out(one, renewed)
            until(lambda: calling.count > 50, "calls")
            provide(one, last := issue(one, ago=27))
            until(lambda: serves(one, last), "one that nobody renewed is served all the same")
            until(lambda: one.events("CertificateNotRenewed"), "the Event")
        calling.check()

        assert [entry[0] for entry in one.bundles()] == [ISSUER.certificate] * len(ENTRIES)
        assert one.said("authority and leaf created") == one.said("caBundle patched") == []
        managers = {field["manager"] for field in (one.secret() or {})["metadata"]["managedFields"]}
        assert "spanhook" not in managers
        told = one.leases().values()
        assert {lease["spanhook.dev/certificates"] for lease in told} == {"provided"}
        assert {lease["spanhook.dev/serving"] for lease in told} == {_hash(last)}


def _keep_out(one: Stage, served: Leaf) -> None:
    """Certificates that do not do, each named in an Event and never served."""
    stranger = Authority.create(NOW)
    wrong = {
        "is not for": stranger.issue(["other.example"], NOW),
        "expired at": issue(one, ago=40),
        "is not valid before": issue(one, ago=-5),
    }
    for said, leaf in wrong.items():
        provide(one, leaf)
        until(
            lambda said=said: any(  # type: ignore[misc]
                said in event["note"] for event in one.events("CertificateSecretUnusable")
            ),
            said,
        )
        assert serves(one, served)
    api, home = one.cluster, one.home
    api.patch("Secret", SECRET, {"data": {"tls.key": base64.b64encode(b"x").decode()}}, home)
    until(
        lambda: any(
            "tls.key: cannot be read" in event["note"]
            for event in one.events("CertificateSecretUnusable")
        ),
        "a broken key",
    )
    assert serves(one, served)
