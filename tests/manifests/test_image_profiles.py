"""The resource ImageProfile at a real API server: what it takes, what it refuses, what it shows."""

import copy
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import msgspec
import pytest

from tests.cluster import Cluster
from tests.cluster.definitions import define
from tests.cluster.transport import Response
from tests.webhook.images.labelled import CASES
from tests.webhook.images.profile.examples import AT, DIGEST, KEY, platform, profile, seen, worst
from webhook.images.configuration import read as read_configuration
from webhook.images.profile import Command, Profile, Reference, name, read, write

PATH = "/apis/spanhook.dev/v1alpha1/imageprofiles"
STRICT = {"fieldManager": "tests", "fieldValidation": "Strict", "force": "true"}

WHOLE = replace(
    profile(
        platform(
            Env=["PYTHONPATH=/site", "DD_SERVICE=x", "PYTHON_VERSION=3.13.1"],
            Cmd=["python3"],
            WorkingDir="/srv",
            User="app",
        ),
        commands=(
            Command(
                KEY,
                (seen("/app/web is a Go program", "go", "1.26.1", "glibc", decides=False),),
                "go",
                "1.26.1",
                "glibc",
                ("Datadog: /opt/dd-java-agent.jar is in the image",),
                "budget",
                "there was more to read",
                64 << 20,
                30.5,
            ),
        ),
    ),
    references=(
        Reference("docker.io/acme/cart:1", AT),
        Reference("docker.io/acme/cart:2", AT + timedelta(1)),
    ),
    last_used=AT,
)


@pytest.fixture(scope="module", name="defined")
def _defined(api: Cluster) -> dict[str, Any]:
    """The resource's definition as the API server has it."""
    return next(one for one in define(api) if one["metadata"]["name"].startswith("imageprofiles"))


@pytest.fixture(name="stored")
def _stored(api: Cluster, defined: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """One profile in the cluster, as the API server gives it back."""
    assert defined
    answer = _apply(api, write(WHOLE))
    assert answer.status in {200, 201}, answer.message
    yield answer.body
    api.request("DELETE", f"{PATH}/{name(DIGEST)}")


def _apply(api: Cluster, body: Any, *, dry_run: bool = False) -> Response:
    """As our own client does it: in UTF-8, for YAML does not know halves of characters."""
    query = urlencode(STRICT | ({"dryRun": "All"} if dry_run else {}))
    where = f"{PATH}/{body['metadata']['name']}?{query}"
    headers = (("Content-Type", "application/apply-patch+yaml"), ("Accept", "application/json"))
    status, fields, content = api.transport.raw("PATCH", where, msgspec.json.encode(body), headers)
    return Response(status, json.loads(content), tuple(fields.get_all("Warning", [])))


def test_is_accepted(defined: dict[str, Any]) -> None:
    """The schema is structural, and the names are free."""
    conditions = {one["type"]: one["status"] for one in defined["status"]["conditions"]}

    assert conditions == {"Established": "True", "NamesAccepted": "True"}


def test_comes_back(stored: dict[str, Any]) -> None:
    """Nothing is lost in the API server: what it gives back is the profile that was written."""
    assert read(stored) == WHOLE
    assert read(json.loads(json.dumps(stored))) == WHOLE


def test_labelled(api: Cluster, defined: dict[str, Any]) -> None:
    """Profiles of images of every kind are valid, field by field."""
    assert defined
    for case in CASES[::9]:
        known = read_configuration(case.configuration)

        answer = _apply(api, write(profile(platform(known))), dry_run=True)

        assert (answer.status, answer.message, answer.warnings) == (201, "", ()), case.name


@pytest.mark.parametrize("text", ["a", "\0", "\U0001f680", "é"])
def test_worst(api: Cluster, defined: dict[str, Any], text: str) -> None:
    """A profile of an image that says as much as it can is valid, too, and comes back."""
    assert defined
    one = worst(text, 900)

    answer = _apply(api, write(one), dry_run=True)

    assert (answer.status, answer.message) == (201, "")
    assert read(answer.body) == read(write(one))


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("metadata.name", "sha256-" + "9" * 64, "the name is the digest's"),
        ("spec.digest", "sha256:1", "spec.digest"),
        ("spec.references.0.name", "x" * 513, "spec.references[0].name"),
        ("spec.references.0.resolved", "yesterday", "spec.references[0].resolved"),
        ("spec.more", 1, "more"),
        ("status.revision", -1, "status.revision"),
        ("status.learnt", None, "status.learnt"),
        ("status.platforms.0.cmd", ["x" * 8193], "status.platforms[0].cmd[0]"),
        ("status.platforms.0.cmd", ["x"] * 257, "status.platforms[0].cmd"),
        ("status.platforms.0.environment.0.value", "x" * 4097, "environment[0].value"),
        ("status.platforms.0.evidence.0.libc", "newlib", "evidence[0].libc"),
        ("status.commands.0.key", "java -jar", "status.commands[0].key"),
        ("status.commands.0.state", "perhaps", "status.commands[0].state"),
        ("status.commands.0.argv", ["java"], "argv"),
    ],
)
def test_refused(api: Cluster, defined: dict[str, Any], path: str, value: Any, said: str) -> None:
    """What is no profile is refused, with the field named."""
    assert defined
    body = copy.deepcopy(write(WHOLE))
    *parents, last = path.split(".")
    holder: Any = body
    for key in parents:
        holder = holder[int(key) if key.isdigit() else key]
    holder[last] = value

    answer = _apply(api, body, dry_run=True)

    assert answer.status in {400, 422, 500}, answer.body
    assert said in answer.message


def test_columns(api: Cluster, stored: dict[str, Any]) -> None:
    """A person who lists profiles sees what each image is."""
    assert stored
    shown = api.kubectl("get", "imgp", name(DIGEST))

    head, row = shown.stdout.splitlines()
    assert head.split() == [
        *("NAME", "LANGUAGE", "VERSION", "LIBC", "REASON", "REFERENCES", "LEARNT", "AGE")
    ]
    assert row.split()[:3] == [name(DIGEST), "python", "3.13.1"]
    assert "docker.io/acme/cart:2 and 1 more" in row


def test_no_status_subresource(api: Cluster, stored: dict[str, Any]) -> None:
    """One request writes all of a profile, what was learnt too."""
    newer: Profile = replace(WHOLE, revision=7)

    answer = _apply(api, write(newer))

    assert stored["status"]["revision"] == WHOLE.revision
    assert (answer.status, answer.body["status"]["revision"]) == (200, 7)


def test_small_record_of_fields(stored: dict[str, Any]) -> None:
    """What the API server notes about who set which field is a fraction of what is said."""
    noted = len(msgspec.json.encode(stored["metadata"]["managedFields"]))

    assert noted < 1024
