"""Reading from Debian's docker-registry: plain, with TLS, with passwords, with tokens."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.client import connect
from registry.errors import NotFound, PlatformMissing, Unauthorized, Untrusted
from registry.keyring import Credential, Keyring
from registry.limits import Budget
from registry.model import Platform
from registry.settings import Settings
from tests.registry import images
from tests.registry.debian import PASSWORD, USER, Running, password_file, serving
from tests.registry.pushing import push
from tests.registry.server import soon
from tests.registry.tokens import TokenServer, issuing
from webhook.images.reference import parse

AMD64, ARM64 = Platform("linux", "amd64"), Platform("linux", "arm64")
FILES = {"app/main.py": b"print('hello')", "usr/lib/libc.so": bytes(3000)}
READER = Credential(USER, PASSWORD)
INTEL = images.image(images.layer({"base": b""}), images.layer(FILES))
ARM = images.image(images.zstd_layer(FILES), configuration=images.config("arm64"))
BOTH = images.index({"linux/amd64": INTEL, "linux/arm64/v8": ARM}, attested=True)


def settings(running: Running, **fields: object) -> Settings:
    """Settings that name the registry, and how it is spoken to."""
    hosts = frozenset({running.host})
    plain = frozenset() if running.authority else hosts
    named = {"local": hosts, "plain_http": plain, "authorities": running.authority} | fields
    return Settings(**named)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A registry without TLS that has some images."""
    with serving(tmp_path_factory.mktemp("plain")) as running:
        push(running.url, "team/app", BOTH, "1")
        push(running.url, "team/one", INTEL, "1")
        docker = images.image(images.plain_layer(FILES), docker=True)
        push(running.url, "team/docker", images.index({"linux/amd64": docker}, docker=True))
        yield running


def test_an_image_of_an_index(plain: Running) -> None:
    """A tag of an index gives the wanted platform's configuration in four requests."""

    async def scenario() -> None:
        async with connect(settings(plain)) as client:
            found = await client.describe(
                parse(f"{plain.host}/team/app:1"), deadline=soon(), platforms=[AMD64]
            )
            (image,) = found.images
            assert found.digest == BOTH.index.digest
            assert image.digest == INTEL.manifest.digest
            assert image.config == images.config()
            assert [layer.digest for layer in image.layers] == [
                layer.digest for layer in INTEL.layers
            ]
            assert found.spent.requests == 4
            assert 0 < found.spent.bytes < 30_000

    asyncio.run(scenario())


def test_all_platforms(plain: Running) -> None:
    """Where no platform is named, each one's configuration is read, attestations are not."""

    async def scenario() -> None:
        async with connect(settings(plain)) as client:
            found = await client.describe(parse(f"{plain.host}/team/app:1"), deadline=soon())
            assert [str(image.platform) for image in found.images] == [
                "linux/amd64",
                "linux/arm64/v8",
            ]
            assert [image.config["architecture"] for image in found.images] == ["amd64", "arm64"]

    asyncio.run(scenario())


def test_one_image(plain: Running) -> None:
    """A tag of a single image takes three requests, its digest two."""

    async def scenario() -> None:
        async with connect(settings(plain)) as client:
            found = await client.describe(parse(f"{plain.host}/team/one:1"), deadline=soon())
            assert found.digest == found.images[0].digest == INTEL.manifest.digest
            assert found.spent.requests == 3
            again = await client.describe(
                parse(f"{plain.host}/team/one@{found.digest}"), deadline=soon()
            )
            assert again == found
            assert again.spent.requests == 2

    asyncio.run(scenario())


def test_docker_media_types(plain: Running) -> None:
    """Docker's schema 2 is read like OCI's, and `latest` is the tag where none is given."""

    async def scenario() -> None:
        async with connect(settings(plain)) as client:
            found = await client.describe(
                parse(f"{plain.host}/team/docker"), deadline=soon(), platforms=[AMD64]
            )
            assert found.images[0].config == images.config()

    asyncio.run(scenario())


def test_resolve(plain: Running) -> None:
    """What a tag points to is one request without a body."""

    async def scenario() -> None:
        async with connect(settings(plain)) as client:
            found = await client.resolve(parse(f"{plain.host}/team/app:1"), deadline=soon())
            assert found.digest == BOTH.index.digest
            assert found.media_type == BOTH.index.media_type
            assert found.spent.requests == 1

    asyncio.run(scenario())


@pytest.mark.parametrize(
    "reference", ["team/app:2", "team/nothing:1", "team/app@sha256:" + "0" * 64]
)
def test_not_there(plain: Running, reference: str) -> None:
    """A tag, repository or digest that is not there is that fault, with what it cost."""

    async def scenario() -> None:
        async with connect(settings(plain)) as client:
            with pytest.raises(NotFound, match="is not there") as fault:
                await client.describe(parse(f"{plain.host}/{reference}"), deadline=soon())
            assert fault.value.spent.requests == 1

    asyncio.run(scenario())


def test_platform_missing(plain: Running) -> None:
    """A platform that the index lacks is named together with those that it has."""

    async def scenario() -> None:
        async with connect(settings(plain)) as client:
            with pytest.raises(PlatformMissing, match=r"linux/s390x; it has linux/amd64, linux/ar"):
                await client.describe(
                    parse(f"{plain.host}/team/app:1"),
                    deadline=soon(),
                    platforms=[Platform("linux", "s390x")],
                )

    asyncio.run(scenario())


@pytest.mark.parametrize("platform", [AMD64, ARM64], ids=["gzip", "zstd"])
def test_layer(plain: Running, platform: Platform) -> None:
    """A layer's entries come with their first bytes; read to its end it is verified."""

    async def scenario() -> None:
        name = parse(f"{plain.host}/team/app:1")
        async with connect(settings(plain)) as client:
            found = await client.describe(name, deadline=soon(), platforms=[platform])
            top = found.images[0].layers[-1]
            async with client.layer(name, top, deadline=soon(), budget=Budget()) as layer:
                listed = [(entry.path, entry.size, await layer.head(5)) async for entry in layer]
                assert listed == [
                    ("app/main.py", 14, b"print"),
                    ("usr/lib/libc.so", 3000, bytes(5)),
                ]
                assert layer.verified
                assert layer.compressed == top.size
                assert layer.spent.requests == 1
                assert layer.spent.bytes > top.size

    asyncio.run(scenario())


def test_tls(tmp_path: Path) -> None:
    """A registry whose authority is in the settings is trusted, and otherwise it is not."""

    async def scenario(running: Running) -> None:
        name = parse(f"{running.host}/team/one:1")
        async with connect(settings(running)) as client:
            assert (await client.describe(name, deadline=soon())).images
        async with connect(settings(running, authorities="")) as client:
            with pytest.raises(Untrusted, match="add its authority"):
                await client.describe(name, deadline=soon())
        unverified = settings(running, authorities="", unverified=frozenset({"localhost"}))
        async with connect(unverified) as client:
            assert (await client.describe(name, deadline=soon())).images

    with serving(tmp_path, tls=True) as running:
        push(running.url, "team/one", INTEL, "1", authority=running.authority)
        asyncio.run(scenario(running))


def test_passwords(tmp_path: Path) -> None:
    """Each fitting credential is tried in turn; without one that is good it is unauthorized."""

    async def scenario(running: Running) -> None:
        name = parse(f"{running.host}/team/one:1")
        wrong = Keyring(((f"{running.host}/team", Credential("wrong", "wrong")),))
        right = Keyring(((running.host, READER),))
        async with connect(settings(running)) as client:
            for keyring in (Keyring(), wrong):
                with pytest.raises(Unauthorized):
                    await client.describe(name, deadline=soon(), keyring=keyring)
            found = await client.describe(name, deadline=soon(), keyring=right + wrong)
            assert found.images[0].config == images.config()
            again = await client.describe(name, deadline=soon(), keyring=right)
            assert again.spent.requests == 3, "the way in is known"

    with serving(tmp_path, auth=password_file(tmp_path)) as running:
        push(
            running.url,
            "team/one",
            INTEL,
            "1",
            authorization=READER.basic,
        )
        asyncio.run(scenario(running))


def test_tokens(tmp_path: Path) -> None:
    """Tokens are asked for once per repository, for pulling and nothing else."""

    async def scenario(running: Running, tokens: TokenServer) -> None:
        local = frozenset({running.host, tokens.host})
        right = Keyring(((running.host, READER),))
        async with connect(settings(running, plain_http=local, local=local)) as client:
            one, two = (parse(f"{running.host}/team/{name}:1") for name in ("one", "two"))
            first = await client.describe(one, deadline=soon(), keyring=right)
            assert first.spent.requests == 5, "refused, token, HEAD, manifest, configuration"
            again = await client.describe(one, deadline=soon(), keyring=right)
            assert again.spent.requests == 3
            other = await client.describe(two, deadline=soon(), keyring=right)
            assert other.spent.requests == 4, "the realm is known: a token, and no refusal"
            assert tokens.scopes == ["repository:team/one:pull", "repository:team/two:pull"]
            with pytest.raises(Unauthorized):
                await client.describe(one, deadline=soon())

    with issuing(tmp_path, PASSWORD) as tokens, serving(tmp_path, auth=tokens.auth) as running:
        for name in ("one", "two"):
            authorization = f"Bearer {tokens.token(f'repository:team/{name}:pull,push')}"
            push(running.url, f"team/{name}", INTEL, "1", authorization=authorization)
        asyncio.run(scenario(running, tokens))
