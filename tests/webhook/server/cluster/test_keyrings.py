import asyncio
import json
from base64 import b64encode
from dataclasses import dataclass, field
from typing import Any

from kube.errors import ApiError, KubeError, Unreachable
from registry.keyring import Credential, Keyring
from tests.webhook.server.cluster.recording import Recording
from webhook.server.cluster.context import Context
from webhook.server.cluster.keyrings import Keyrings
from webhook.server.cluster.leadership import Leadership
from webhook.server.cluster.options import Options
from webhook.settings import ImageInspectionSettings

PASSWORD = "hunter2 is made up"
OURS = ("spanhook-system", "spanhook-pull")
READS = ImageInspectionSettings(read_pull_secrets=True)
GONE = ApiError(404, "NotFound", "no such secret")
FORBIDDEN = ApiError(403, "Forbidden", "may not get secrets")


def docker(*hosts: str, user: str = "reader") -> dict[str, Any]:
    """A pull secret."""
    auths = {"auths": {host: {"username": user, "password": PASSWORD} for host in hosts}}
    return {"data": {".dockerconfigjson": b64encode(json.dumps(auths).encode()).decode()}}


@dataclass
class Secrets:
    """An API server with Secrets; what is none raises."""

    secrets: dict[tuple[str, str], dict[str, Any] | KubeError] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    gate: asyncio.Event | None = None

    async def get(self, where: str) -> dict[str, Any]:
        """A Secret by its path."""
        parts = where.split("/")
        place = (parts[4], parts[6])
        self.asked.append(place)
        if self.gate is not None:
            await self.gate.wait()
        found = self.secrets.get(place, GONE)
        if isinstance(found, KubeError):
            raise found
        return found


@dataclass
class Stage:
    """Keyrings, and what they stand on."""

    api: Secrets = field(default_factory=Secrets)
    settings: ImageInspectionSettings = READS
    recording: Recording = field(default_factory=Recording)
    time: float = 1000.0
    keyrings: Keyrings = field(init=False)

    def __post_init__(self) -> None:
        client: Any = self.api
        log, telemetry = self.recording.log, self.recording.telemetry
        says: Any = None
        leadership = Leadership(client, Options(), log, telemetry)
        context = Context(client, Options(), log, telemetry, says, lambda: None, leadership)
        self.keyrings = Keyrings(context, lambda: self.settings, lambda: self.time)

    def ask(self, namespace: str = "shop", *names: str) -> Keyring:
        """The keyring for a pod."""
        return asyncio.run(self.keyrings.keyring(namespace, names))

    def counted(self, outcome: str) -> float | None:
        """How often a read ended so."""
        return self.recording.metric("spanhook_pull_secrets_total", outcome=outcome)


def users(keyring: Keyring, name: str) -> list[str]:
    """Whose credentials are tried for an image."""
    return [one.username for one in keyring.candidates(name)]


def test_our_own() -> None:
    """Our own pull secret counts for every image, without any further setting."""
    stage = Stage(Secrets({OURS: docker("registry.corp")}), ImageInspectionSettings())

    found = stage.ask("shop", "regcred")

    assert found.candidates("registry.corp/team/app") == (Credential("reader", PASSWORD),)
    assert stage.api.asked == [OURS]
    assert stage.counted("read") == 1


def test_our_own_need_not_be_there() -> None:
    """A cluster without it is the usual one: counted, and not worth a word."""
    stage = Stage()

    assert stage.ask() == Keyring()
    assert stage.counted("absent") == 1
    assert stage.recording.lines == []


def test_a_pods_own_come_first() -> None:
    """With the setting a pod's pull secrets are read, and tried before ours."""
    secrets = {
        OURS: docker("registry.corp", user="us"),
        ("shop", "regcred"): docker("registry.corp"),
    }
    stage = Stage(Secrets({**secrets, ("shop", "other"): docker("other.corp", user="them")}))

    found = stage.ask("shop", "regcred", "other", "regcred", "")

    assert users(found, "registry.corp/app") == ["reader", "us"]
    assert users(found, "other.corp/app") == ["them"]
    assert sorted(stage.api.asked) == [("shop", "other"), ("shop", "regcred"), OURS]


def test_kept_for_five_minutes() -> None:
    """A Secret is read once in five minutes; then what changed in it counts."""
    stage = Stage(Secrets({OURS: docker("registry.corp", user="old")}))
    for _ in range(3):
        stage.ask()
    stage.api.secrets[OURS] = docker("registry.corp", user="new")
    stage.time += 299
    assert users(stage.ask(), "registry.corp/app") == ["old"]
    stage.time += 2

    assert users(stage.ask(), "registry.corp/app") == ["new"]
    assert len(stage.api.asked) == 2


def test_legacy_format() -> None:
    """The older format of Secrets is read, too."""
    text = json.dumps({"registry.corp": {"username": "reader", "password": PASSWORD}})
    secret = {"data": {".dockercfg": b64encode(text.encode()).decode()}}

    assert users(Stage(Secrets({OURS: secret})).ask(), "registry.corp/app") == ["reader"]


def test_what_may_not_be_read() -> None:
    """A missing right is said once for each Secret, counted each time, and asked again soon."""
    stage = Stage(Secrets({("shop", "regcred"): FORBIDDEN}))
    for _ in range(3):
        assert stage.ask("shop", "regcred") == Keyring()
        stage.time += 61

    assert stage.counted("forbidden") == 3
    (line,) = stage.recording.lines
    assert line["level"] == "warning"
    assert (line["namespace"], line["secret"]) == ("shop", "regcred")
    assert "may not get secrets" in line["error"]


def test_a_pull_secret_that_a_pod_names_and_nobody_made() -> None:
    """It is said: the kubelet could not pull with it either."""
    stage = Stage()

    assert stage.ask("shop", "typo") == Keyring()
    assert [line["secret"] for line in stage.recording.lines] == ["typo"]


def test_what_is_no_pull_secret() -> None:
    """Broken content counts as none, and never shows what it holds."""
    wrong: dict[str, dict[str, Any]] = {
        "no-base64": {"data": {".dockerconfigjson": f"%{PASSWORD}"}},
        "no-json": {"data": {".dockerconfigjson": b64encode(PASSWORD.encode()).decode()}},
        "no-auth": {
            "data": {
                ".dockerconfigjson": b64encode(
                    json.dumps({"auths": {"x": {"auth": PASSWORD}}}).encode()
                ).decode()
            }
        },
        "no-key": {"data": {"password": b64encode(PASSWORD.encode()).decode()}},
        "no-data": {},
        "odd": {"data": [PASSWORD]},
        "no-text": {"data": {".dockerconfigjson": 7}},
        "large": {"data": {".dockerconfigjson": "A" * 300_000}},
        "many": docker(*(f"r{number}.corp" for number in range(257))),
    }
    stage = Stage(Secrets({("shop", name): secret for name, secret in wrong.items()}))

    assert stage.ask("shop", *wrong) == Keyring()
    assert stage.counted("malformed") == len(wrong)
    assert {line["secret"] for line in stage.recording.lines} == set(wrong)
    assert PASSWORD not in stage.recording.stream.getvalue()


def test_names_that_no_object_may_have() -> None:
    """A pod cannot make us ask for something else than a Secret."""
    stage = Stage()

    assert stage.ask("shop", "..", "a/../../configmaps/x") == Keyring()
    assert ("shop", "a%2F..%2F..%2Fconfigmaps%2Fx") in stage.api.asked


def test_an_api_server_that_is_away() -> None:
    """What was read before holds; what never was counts as none."""
    stage = Stage(Secrets({OURS: docker("registry.corp")}))
    stage.ask()
    stage.time += 301
    stage.api.secrets[OURS] = Unreachable("nobody there")

    assert users(stage.ask(), "registry.corp/app") == ["reader"]
    stage.time += 61
    assert users(stage.ask(), "registry.corp/app") == ["reader"]
    assert stage.counted("failed") == 2


def test_asked_at_the_same_time() -> None:
    """Many pods at once cost one request, and one that gives up takes nothing from the others."""
    stage = Stage(Secrets({OURS: docker("registry.corp")}))

    async def play() -> list[Keyring]:
        stage.api.gate = asyncio.Event()
        first = asyncio.create_task(stage.keyrings.keyring("shop", ()))
        others = [asyncio.create_task(stage.keyrings.keyring("shop", ())) for _ in range(5)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        first.cancel()
        stage.api.gate.set()
        return list(await asyncio.gather(*others))

    found = asyncio.run(play())

    assert {users(one, "registry.corp/app")[0] for one in found} == {"reader"}
    assert stage.api.asked == [OURS]


def test_bounds() -> None:
    """Of a pod with a thousand names sixteen are read, and what is kept does not grow for ever."""
    stage = Stage()
    stage.ask("shop", *(f"name-{number}" for number in range(1000)))
    assert len(stage.api.asked) == 17
    for number in range(200):
        stage.ask(f"namespace-{number}", *(f"name-{other}" for other in range(16)))

    assert len(stage.keyrings._kept) == 1024


def test_settings_that_change() -> None:
    """Which Secrets are read follows the settings as they are now."""
    stage = Stage(Secrets({("spanhook-system", "mine"): docker("registry.corp")}))
    stage.ask("shop", "regcred")
    stage.settings = ImageInspectionSettings(pull_secret="mine")

    assert users(stage.ask("shop", "regcred"), "registry.corp/app") == ["reader"]
    assert stage.api.asked == [("shop", "regcred"), OURS, ("spanhook-system", "mine")]
    stage.settings = ImageInspectionSettings(pull_secret="")
    assert stage.ask("shop", "regcred") == Keyring()
