import copy
import re

import pytest

from demo.pods import admitted, pod_of, template_hash
from demo.workloads import Document, read

_DEPLOYMENTS = {d["metadata"]["name"]: d for d in read().deployments}

each_deployment = pytest.mark.parametrize(
    "deployment", _DEPLOYMENTS.values(), ids=_DEPLOYMENTS.keys()
)


@each_deployment
def test_the_pod_is_named_as_its_controllers_name_it(deployment: Document) -> None:
    """ReplicaSet `<deployment>-<hash>`, `generateName` with a dash, the hash as a label."""
    metadata = pod_of(deployment)["metadata"]
    digest = metadata["labels"]["pod-template-hash"]
    [owner] = metadata["ownerReferences"]

    assert (owner["kind"], owner["controller"]) == ("ReplicaSet", True)
    assert owner["name"] == f"{deployment['metadata']['name']}-{digest}"
    assert metadata["generateName"] == f"{owner['name']}-"
    assert "name" not in metadata


@each_deployment
def test_what_the_manifest_says_is_kept(deployment: Document) -> None:
    """Defaults are added, nothing that stands in the template is changed."""
    template = deployment["spec"]["template"]
    pod = pod_of(deployment)

    assert set(template["spec"]) <= set(pod["spec"])
    for before, after in zip(
        template["spec"]["containers"], pod["spec"]["containers"], strict=True
    ):
        assert before["name"] == after["name"]
        assert before.get("env") == after.get("env")
        assert before["resources"] == after["resources"]
        assert after["terminationMessagePath"] == "/dev/termination-log"


@each_deployment
def test_the_deployment_is_not_touched(deployment: Document) -> None:
    """The manifest that was read can be read again."""
    before = copy.deepcopy(deployment)

    pod_of(deployment)

    assert before == deployment


def test_the_hash_changes_with_the_template() -> None:
    """Ten letters, the same for the same template, others for another."""
    one, other = ({"spec": {"containers": [{"image": image}]}} for image in ("a", "b"))

    assert template_hash(one) == template_hash(copy.deepcopy(one)) != template_hash(other)
    assert re.fullmatch(r"[bcdfghjklmnpqrstvwxz2456789]{10}", template_hash(one))


def test_an_admitted_pod_has_a_name_and_a_node() -> None:
    """What the downward API reads is there."""
    pod = admitted(pod_of(_DEPLOYMENTS["cart"]), "shop")

    assert re.fullmatch(r"cart-[a-z0-9]{10}-[a-z0-9]{5}", pod["metadata"]["name"])
    assert pod["metadata"]["namespace"] == "shop"
    assert pod["metadata"]["uid"]
    assert pod["spec"]["nodeName"]
    assert pod["status"]["podIP"] == "127.0.0.1"
