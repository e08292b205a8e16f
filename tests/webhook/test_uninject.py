import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.webhook.examples import IMAGES, container, image, mutated, pod, variables
from webhook import patch
from webhook.model import Facts
from webhook.status import STATUS
from webhook.uninject import Removal, uninject

Json = dict[str, Any]


def _taken_back(once: Json) -> tuple[Json, tuple[str, ...]]:
    removal = uninject(once)
    return patch.apply(copy.deepcopy(once), removal.operations), removal.warnings


def _env(whole: Json) -> list[Json]:
    return list(whole["spec"]["containers"][0]["env"])


def _entry(whole: Json, name: str) -> Json:
    return [entry for entry in _env(whole) if entry["name"] == name][-1]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"env": None},
        {"env": []},
        {"env": variables(JAVA_TOOL_OPTIONS="-Xmx1g", OTEL_RESOURCE_ATTRIBUTES="a=b")},
        {"env": variables(JAVA_TOOL_OPTIONS="", OTEL_RESOURCE_ATTRIBUTES="")},
        {
            "env": [
                {"name": "JAVA_TOOL_OPTIONS"},
                {"name": "OTEL_RESOURCE_ATTRIBUTES", "value": None},
            ]
        },
        {"env": variables(JAVA_TOOL_OPTIONS=None, A="b", OTEL_RESOURCE_ATTRIBUTES=None)},
        {"env": variables(A="b", OTEL_RESOURCE_ATTRIBUTES="k8s.pod.name=x")},
        {"volumeMounts": None},
        {"volumeMounts": [{"name": "data", "mountPath": "/data"}]},
    ],
)
@pytest.mark.parametrize(
    ("language", "command"), [("java", ["java", "-jar", "a.jar"]), ("dotnet", ["dotnet", "A.dll"])]
)
def test_taken_back(language: str, command: list[str], fields: Json) -> None:
    """The pod comes back as it was: absent, null and empty alike."""
    whole = pod(container(IMAGES[language], command=command, **fields))
    once, _ = mutated(whole)

    assert once != whole
    assert _taken_back(once) == (whole, ())


def test_image_variables() -> None:
    """A variable that was copied from the image is gone again."""
    facts = Facts(images={"docker.io/library/python:3.12": image("python", PYTHONPATH="/$a")})
    once, _ = mutated(pod(), facts)

    assert _entry(once, "PYTHONPATH")["value"] == "/spanhook/python:/$$a"
    assert _taken_back(once) == (pod(), ())


def test_untouched() -> None:
    """A pod without an injection has nothing to take back."""
    assert uninject(pod()) == Removal()


def test_status_is_lost() -> None:
    """Without the status nothing can be told apart, so nothing is guessed."""
    once, _ = mutated(pod())
    del once["metadata"]["annotations"][STATUS]

    assert uninject(once).operations == ()
    assert uninject(once).warnings == (
        f"{STATUS} is missing, so what was injected cannot be told apart",
    )


JAVA = container(IMAGES["java"], env=variables(A="b", JAVA_TOOL_OPTIONS="-Xmx1g"))


def _set(name: str, value: str) -> Callable[[Json], None]:
    def change(once: Json) -> None:
        _entry(once, name)["value"] = value

    return change


def _extend(name: str, before: str = "", behind: str = "") -> Callable[[Json], None]:
    def change(once: Json) -> None:
        entry = _entry(once, name)
        entry["value"] = before + entry["value"] + behind

    return change


AGENT = "-javaagent:/spanhook/java/javaagent.jar"


@pytest.mark.parametrize(
    ("change", "name", "expected"),
    [
        (_set("JAVA_TOOL_OPTIONS", "-Xmx2g"), "JAVA_TOOL_OPTIONS", "-Xmx2g"),
        (_set("JAVA_TOOL_OPTIONS", ""), "JAVA_TOOL_OPTIONS", ""),
        (
            _extend("JAVA_TOOL_OPTIONS", behind=" -Da=b"),
            "JAVA_TOOL_OPTIONS",
            f"-Xmx1g {AGENT} -Da=b",
        ),
        (_extend("JAVA_TOOL_OPTIONS", behind=" "), "JAVA_TOOL_OPTIONS", f"-Xmx1g {AGENT} "),
        (_set("SPANHOOK_POD_NAME", "mine"), "SPANHOOK_POD_NAME", "mine"),
    ],
)
def test_changed_since(change: Callable[[Json], None], name: str, expected: str) -> None:
    """A variable that was changed since is left as it is, with a warning."""
    once, _ = mutated(pod(JAVA))
    if name.startswith("SPANHOOK_"):
        _entry(once, name).pop("valueFrom")
    change(once)
    back, warnings = _taken_back(once)

    assert _entry(back, name)["value"] == expected
    assert warnings == (f"/spec/containers/0/env: {name} was changed since, and was left",)


@pytest.mark.parametrize(
    ("value", "expected"),
    [(f"-Xmx2g {AGENT}", "-Xmx2g"), (f"-Xmx1g -Xss1m {AGENT}", "-Xmx1g -Xss1m")],
)
def test_users_part_changed(value: str, expected: str) -> None:
    """A change in the user's own part of a merged variable is kept."""
    once, _ = mutated(pod(JAVA))
    _set("JAVA_TOOL_OPTIONS", value)(once)
    back, warnings = _taken_back(once)

    assert _entry(back, "JAVA_TOOL_OPTIONS")["value"] == expected
    assert warnings == ()


@pytest.mark.parametrize(
    ("before", "behind", "expected"),
    [("", ",c=d", "a=b,c=d"), ("c=d,", "", None)],
)
def test_attributes_changed(before: str, behind: str, expected: str | None) -> None:
    """Attributes that were added behind ours stay; before ours, everything is left."""
    once, _ = mutated(pod(container(env=variables(OTEL_RESOURCE_ATTRIBUTES="a=b"))))
    merged = _entry(once, "OTEL_RESOURCE_ATTRIBUTES")["value"]
    _extend("OTEL_RESOURCE_ATTRIBUTES", before, behind)(once)
    back, warnings = _taken_back(once)

    left = _entry(back, "OTEL_RESOURCE_ATTRIBUTES")["value"]
    assert left == (expected or before + merged + behind)
    assert bool(warnings) == (expected is None)


RENAMED = container(IMAGES["java"], env=variables(JAVA_TOOL_OPTIONS=None))
ORIGINAL = "SPANHOOK_ORIGINAL_JAVA_TOOL_OPTIONS"


@pytest.mark.parametrize("value", ["-Xmx2g", f"$({ORIGINAL}) {AGENT} -Da=b", f"$(OTHER) {AGENT}"])
def test_reference_changed(value: str) -> None:
    """A variable that refers to a renamed one, and was changed since, is left with it."""
    once, _ = mutated(pod(RENAMED))
    _set("JAVA_TOOL_OPTIONS", value)(once)
    back, warnings = _taken_back(once)

    assert [entry["name"] for entry in _env(back)] == [ORIGINAL, "JAVA_TOOL_OPTIONS"]
    assert _entry(back, "JAVA_TOOL_OPTIONS")["value"] == value
    assert len(warnings) == 1


def test_added_becomes_reference() -> None:
    """A variable of ours that now refers to something of the user's is left."""
    once, _ = mutated(pod(JAVA))
    entry = _entry(once, "OTEL_SERVICE_NAME")
    del entry["value"]
    entry["valueFrom"] = {"configMapKeyRef": {"name": "m", "key": "k"}}
    back, warnings = _taken_back(once)

    assert _env(back) == [*JAVA["env"], entry]
    assert len(warnings) == 1


def test_reference_removed() -> None:
    """Where the renamed entry is gone, what refers to it is left, with a warning."""
    once, _ = mutated(pod(RENAMED))
    env = once["spec"]["containers"][0]["env"]
    env.remove(_entry(once, ORIGINAL))
    back, warnings = _taken_back(once)

    assert _entry(back, "JAVA_TOOL_OPTIONS")["value"] == f"$({ORIGINAL}) {AGENT}"
    assert len(warnings) == 1


def test_merged_removed() -> None:
    """A merged variable that the user removed is gone, with a warning; an added one without."""
    once, _ = mutated(pod(JAVA))
    env = once["spec"]["containers"][0]["env"]
    env.remove(_entry(once, "JAVA_TOOL_OPTIONS"))
    env.remove(_entry(once, "OTEL_PROPAGATORS"))
    back, warnings = _taken_back(once)

    assert _env(back) == variables(A="b")
    assert warnings == ("/spec/containers/0/env: JAVA_TOOL_OPTIONS is gone",)


@pytest.mark.parametrize("index", [0, 99])
def test_second_entry_of_a_name(index: int) -> None:
    """Of two entries of a name that we added one is the user's: both are left."""
    once, _ = mutated(pod(JAVA))
    mine = {"name": "OTEL_SERVICE_NAME", "value": "mine"}
    once["spec"]["containers"][0]["env"].insert(index, mine)
    back, warnings = _taken_back(once)

    assert mine in _env(back)
    assert warnings == (
        "/spec/containers/0/env: OTEL_SERVICE_NAME was changed since, and was left",
    )


def test_additions_of_the_user() -> None:
    """Variables, mounts, volumes, containers, labels that came since stay."""
    once, _ = mutated(pod(JAVA))
    spec, metadata = once["spec"], once["metadata"]
    spec["containers"][0]["env"].append({"name": "NEW", "value": "$(OTEL_SERVICE_NAME)"})
    spec["containers"][0]["volumeMounts"].insert(0, {"name": "new", "mountPath": "/new"})
    spec["volumes"].append({"name": "new", "emptyDir": {}})
    spec["initContainers"].append(container("busybox", "new"))
    spec["containers"].insert(0, container("nginx", "new-too"))
    metadata["labels"]["new"] = metadata["annotations"]["new"] = "yes"
    back, warnings = _taken_back(once)

    app = back["spec"]["containers"][1]
    assert app["env"] == [*JAVA["env"], {"name": "NEW", "value": "$(OTEL_SERVICE_NAME)"}]
    assert app["volumeMounts"] == [{"name": "new", "mountPath": "/new"}]
    assert back["spec"]["volumes"] == [{"name": "new", "emptyDir": {}}]
    assert back["spec"]["initContainers"] == [container("busybox", "new")]
    assert back["metadata"] == {
        "name": "cart",
        "labels": {"new": "yes"},
        "annotations": {"new": "yes"},
    }
    assert warnings == ()


def test_container_removed_or_renamed() -> None:
    """A container that is gone is no news; one of another name is not ours to touch."""
    once, _ = mutated(pod(container(), container("node:22", "web")))
    app = once["spec"]["containers"].pop(0)
    web = once["spec"]["containers"][0]
    web["name"] = "renamed"
    before = copy.deepcopy(web)
    back, _ = _taken_back(once)

    assert back["spec"]["containers"] == [before]
    assert app["name"] == "app"


@pytest.mark.parametrize(
    "change",
    [
        {"env": ["A", "HOME"]},
        {"merged": {"A": [1, 0, "value"]}},
        {"merged": {"A": ["renamed"]}},
        {"merged": {"A": [-1, 0, "value"], "B": [], "JAVA_TOOL_OPTIONS": [0, 9999, "value"]}},
        {"merged": {"A": ["x", "y", "z"]}},
        {"created": {"env": "absent", "volumeMounts": "null", "other": "absent"}},
        {"language": "cobol"},
    ],
)
def test_status_is_a_hint(change: Json) -> None:
    """What the status says is checked against the pod: nothing of the user's is lost to it."""
    mine = container(IMAGES["java"], env=variables(A="b", B="c", JAVA_TOOL_OPTIONS="-Xmx1g"))
    once, _ = mutated(pod(mine))
    document = json.loads(once["metadata"]["annotations"][STATUS])
    document["added"]["app"] |= change
    once["metadata"]["annotations"][STATUS] = json.dumps(document)
    back, _ = _taken_back(once)

    left = {entry["name"]: entry.get("value") for entry in _env(back)}
    assert (left["A"], left["B"]) == ("b", "c")
    assert left["JAVA_TOOL_OPTIONS"] in {"-Xmx1g", f"-Xmx1g {AGENT}"}


def test_volume_of_the_user() -> None:
    """A volume of the user's with a name of ours stays, beside a language that was injected."""
    volume = {"name": "spanhook-agent-nodejs", "emptyDir": {}}
    mount = {"name": "spanhook-agent-nodejs", "mountPath": "/data"}
    whole = pod(JAVA, container("node:22", "web", volumeMounts=[mount]), volumes=[volume])
    once, _ = mutated(whole)

    assert _taken_back(once) == (whole, ())
