"""Pods with every field filled that the API server knows."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.cluster import Cluster
from tests.cluster.admission.coverage import accepted, filled
from tests.cluster.admission.fields import every_field
from tests.cluster.admission.pods import LANGUAGES
from tests.cluster.admission.twins import Answers, Twins
from tests.cluster.admission.values import HOST, RUNTIME_CLASS, SHARED

Json = dict[str, Any]

NOT_FOR_US = ("EphemeralContainer.", "WindowsSecurityContextOptions.")
"""Types that no pod has that we could be asked about: at its creation, on Linux."""


@pytest.fixture(name="schemas", scope="module")
def fixture_schemas(api: Cluster) -> Iterator[Json]:
    """The types of the core group, and what pods of all their fields refer to."""
    api.apply(RUNTIME_CLASS)
    yield api.request("GET", "/openapi/v3/api/v1").body["components"]["schemas"]
    api.delete("RuntimeClass", RUNTIME_CLASS["metadata"]["name"])


def _created(pair: Twins, schemas: Json, hints: Any) -> Answers:
    pod = every_field(schemas, LANGUAGES, hints)
    left, refused = accepted(
        pod, lambda one: pair.cluster.create(one, dry_run=True, namespace=pair.plain)
    )
    assert len(refused) < 20, refused
    return pair.create(left)


@pytest.mark.parametrize("hints", [SHARED, HOST], ids=["shared", "host"])
def test_survives(pair: Twins, schemas: Json, hints: Any) -> None:
    """Everything in the pod is as it is without us, but for what we add and take back."""
    answers = _created(pair, schemas, hints)

    answers.check()
    assert answers.injected
    served = answers.served.body["spec"]["containers"]
    assert [one["name"] for one in served] == list(LANGUAGES)
    for one in served:
        mounts = [mount["mountPath"] for mount in one["volumeMounts"]]
        assert f"/spanhook/{one['name']}" in mounts


def test_every_field_is_filled(pair: Twins, schemas: Json) -> None:
    """The two pods have between them nearly every field: the rest are gated or exclude others."""
    found, every = set[str](), set[str]()
    for hints in (SHARED, HOST):
        pod = _created(pair, schemas, hints).plain.body
        has, could = filled(schemas, pod)
        found |= has
        every |= could
    missing = {name for name in every - found if not name.startswith(NOT_FOR_US)}

    assert len(every) > 400
    assert len(missing) < len(every) / 12, sorted(missing)
