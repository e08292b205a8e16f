import json

import pytest

from bench import bodies
from webhook.model import Facts, Inject, Namespace
from webhook.mutate import admit
from webhook.review import parse
from webhook.settings import Settings


def test_the_review_is_as_large_as_the_api_servers() -> None:
    """10.9 KB, about half of it managedFields."""
    body = bodies.api_server_review()
    managed = json.loads(body)["request"]["object"]["metadata"]["managedFields"]

    assert 10_500 <= len(body) <= 11_300
    assert 4_500 <= len(json.dumps(managed, separators=(",", ":"))) <= 5_500


@pytest.mark.parametrize("size", [4_000, 60_000])
def test_pods_have_the_size_asked_for(size: int) -> None:
    """A pod is as large as was asked for, within a variable's length."""
    pod = json.loads(bodies.review(size, managed=False))["request"]["object"]

    assert size - 100 <= len(json.dumps(pod, separators=(",", ":"))) <= size


def test_one_of_two_containers_is_instrumented() -> None:
    """What is measured is an injection, not a pod that is let through."""
    review = parse(bodies.api_server_review())
    namespace = Namespace(name=review.namespace)

    outcome = admit(review, namespace, Facts(), Settings(), opted_in=True)

    assert [isinstance(one.decision, Inject) for one in outcome.decisions] == [True, False]
    assert outcome.operations
