"""From a reference on a real registry to the image's profile."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from inspection.inspector import Inspector, connect
from inspection.learning import Learning
from registry.errors import (
    Malformed,
    NotFound,
    PlatformMissing,
    TimedOut,
    Unauthorized,
    Untrusted,
)
from registry.keyring import Credential, Keyring
from tests.inspection.registries import asked, inspecting, settings
from tests.registry import images
from tests.registry.debian import PASSWORD, USER, Running, password_file, serving
from tests.registry.pushing import push
from tests.registry.server import hangs, running, soon
from webhook.images.profile import REVISION, image, read, write
from webhook.model import Evidence, Source

INTEL, ARM = images.config(), images.config("arm64", Env=["JAVA_VERSION=21.0.4"])
SECRET = images.config(
    Env=["PATH=/bin", "PASSWORD=hunter2", "PYTHONPATH=/app"], Labels={"maintainer": "somebody"}
)
READER = Credential(USER, PASSWORD)


def learnt(registry: Running, name: str, **options: Any) -> Learning:
    """What is learnt of an image."""

    async def learn(inspector: Inspector) -> Learning:
        return await inspector.learn(f"{registry.host}/{name}", deadline=soon(), **options)

    return asked(registry, learn)


def test_a_profile(plain: Running) -> None:
    """Digest, tag, platform, configuration, and what it cost, as the cluster's object has them."""
    made = images.image(images.layer({"a": b"b"}), configuration=INTEL)
    push(plain.url, "team/one", made, "1")

    found = learnt(plain, "team/one:1")

    profile = found.profile
    assert profile.digest == made.manifest.digest
    assert [one.name for one in profile.references] == [f"{plain.host}/team/one:1"]
    assert [(one.platform, one.digest) for one in profile.platforms] == [
        ("linux/amd64", made.manifest.digest)
    ]
    assert (profile.revision, profile.commands, profile.last_used) == (REVISION, (), None)
    assert (profile.learnt.requests, profile.learnt.bytes) == (3, found.spent.bytes)
    assert image(profile).cmd == ("python3",)
    written = read(write(profile))
    assert (written.digest, written.platforms) == (profile.digest, profile.platforms)


def test_an_index(plain: Running) -> None:
    """Of many platforms it is the one that is wanted; the profile is the index's."""
    made = images.index(
        {
            "linux/amd64": images.image(configuration=INTEL),
            "linux/arm64": images.image(configuration=ARM),
        }
    )
    push(plain.url, "team/both", made, "1")

    found = learnt(plain, "team/both:1", platforms=["linux/arm64"])
    every = learnt(plain, "team/both:1", platforms=["amd64", "arm64"])

    assert found.profile.digest == every.profile.digest == made.index.digest
    assert [one.platform for one in found.profile.platforms] == ["linux/arm64"]
    assert found.spent.requests == 4
    assert [one.platform for one in every.profile.platforms] == ["linux/amd64", "linux/arm64"]


def test_no_such_platform(plain: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nobody names a platform and the image is not made for ours, all of it is read."""
    monkeypatch.setattr("platform.machine", lambda: "s390x")
    made = images.index(
        {
            "linux/amd64": images.image(configuration=INTEL),
            "windows/amd64": images.image(configuration=INTEL | {"os": "windows"}),
        }
    )
    push(plain.url, "team/elsewhere", made, "1")

    found = learnt(plain, "team/elsewhere:1")

    assert [one.platform for one in found.profile.platforms] == ["linux/amd64"]
    assert found.spent.requests == 8
    with pytest.raises(PlatformMissing):
        learnt(plain, "team/elsewhere:1", platforms=["linux/s390x"])


def test_by_digest(plain: Running) -> None:
    """A digest is no tag: nothing says that a name points to it."""
    made = images.image(configuration=INTEL)
    push(plain.url, "team/fixed", made, "1")

    found = learnt(plain, f"team/fixed:1@{made.manifest.digest}")

    assert found.profile.references == ()
    assert found.profile.digest == made.manifest.digest


def test_what_is_kept(plain: Running) -> None:
    """Neither labels nor values that nothing reads."""
    push(plain.url, "team/secret", images.image(configuration=SECRET), "1")

    found = image(learnt(plain, "team/secret:1").profile)

    assert found.environment == {"PATH": "/bin", "PYTHONPATH": "/app"}
    assert found.labels == {}
    assert "hunter2" not in repr(write(learnt(plain, "team/secret:1").profile))


def test_annotations_are_read_as_labels(plain: Running) -> None:
    """Distroless writes into the manifest's annotations which Java it has."""
    made = images.annotated(
        images.image(configuration=images.config(Env=[], Cmd=[])),
        {"com.google.distroless.java.version": "21.0.4"},
    )
    push(plain.url, "team/annotated", made, "1")

    (piece,) = image(learnt(plain, "team/annotated:1").profile).evidence

    assert piece == Evidence(
        Source.IMAGE, "label com.google.distroless.java.version=21.0.4", "java", "21.0.4", "glibc"
    )


@pytest.mark.parametrize(
    "configuration",
    [b'{"config": {"Env": 5}}', b'{"config": [1]}', b'{"os": "linux", "config": {"Labels": 1}}'],
)
def test_configurations_without_sense(plain: Running, configuration: bytes) -> None:
    """What no image says is the registry's fault, with the field and with what it cost."""
    push(plain.url, "team/bad", images.image_of(configuration), "1")

    with pytest.raises(Malformed, match=r"its configuration makes no sense: config") as raised:
        learnt(plain, "team/bad:1")

    assert raised.value.spent.requests == 3


def test_one_platform_without_sense(plain: Running) -> None:
    """What can be read of an image is used."""
    made = images.index(
        {
            "linux/amd64": images.image(configuration=INTEL),
            "linux/arm64": images.image_of(b'{"architecture":"arm64","os":"linux","config":1}'),
        }
    )
    push(plain.url, "team/half", made, "1")

    found = learnt(plain, "team/half:1", platforms=["amd64", "arm64"])

    assert [one.platform for one in found.profile.platforms] == ["linux/amd64"]
    assert len(found.images) == 1


def test_resolve(plain: Running) -> None:
    """Where a tag points to takes one request."""
    made = images.image(configuration=INTEL)
    push(plain.url, "team/tag", made, "1")

    async def resolve(inspector: Inspector) -> tuple[str, int]:
        found = await inspector.resolve(f"{plain.host}/team/tag:1", deadline=soon())
        return found.digest, found.spent.requests

    assert asked(plain, resolve) == (made.manifest.digest, 1)


def test_faults(plain: Running) -> None:
    """What is not there, and what is no reference, are errors of their own."""
    with pytest.raises(NotFound):
        learnt(plain, "team/none:1")
    with pytest.raises(ValueError, match="not an image reference"):
        learnt(plain, "Team:")


def test_a_registry_that_hangs() -> None:
    """The deadline holds, whatever the registry does."""

    async def scenario() -> None:
        async with running() as server, inspecting(server) as inspector:
            server.on(".*", hangs)
            with pytest.raises(TimedOut):
                await inspector.learn(f"{server.host}/team/app:1", deadline=soon(0.2))

    asyncio.run(scenario())


def test_an_authority_of_its_own(tmp_path: Path) -> None:
    """TLS with an authority of one's own: with it in the settings, and without."""
    with serving(tmp_path, tls=True) as secure:
        made = images.image(configuration=INTEL)
        push(secure.url, "team/app", made, "1", authority=secure.authority)

        assert learnt(secure, "team/app:1").profile.digest == made.manifest.digest
        stranger = Running(secure.url, secure.host, "")
        with pytest.raises(Untrusted):
            asked(
                stranger,
                lambda one: one.learn(f"{secure.host}/team/app:1", deadline=soon()),
                plain_http=(),
            )


def test_passwords(tmp_path: Path) -> None:
    """Credentials open a registry that wants them, for the layers too."""
    with serving(tmp_path, auth=password_file(tmp_path)) as guarded:
        made = images.image(configuration=INTEL)
        push(guarded.url, "team/app", made, "1", authorization=READER.basic)
        keyring = Keyring(((guarded.host, READER),))

        assert learnt(guarded, "team/app:1", keyring=keyring).profile.digest == made.manifest.digest
        with pytest.raises(Unauthorized):
            learnt(guarded, "team/app:1")


def test_settings_that_cannot_be_used() -> None:
    """An inspector is not made of settings without sense."""

    async def scenario() -> None:
        async with connect(settings(proxy="nonsense")):
            pass

    with pytest.raises(ValueError, match=r"imageInspection\.proxy"):
        asyncio.run(scenario())
