from typing import Any

import pytest

from tests.webhook import tables
from tests.webhook.examples import container, image
from webhook import environment, merge
from webhook.merge import Addition, EnvPlan, Merged, RefusalError, literal, require_free
from webhook.model import Facts, Image
from webhook.reasons import Reason

BEHIND = Addition("OPTIONS", behind="--agent")
BEFORE = Addition("OPTIONS", before="/agent", separator=":")
REFERENCE = {"secretKeyRef": {"name": "s", "key": "k"}}
ORIGINAL = "SPANHOOK_ORIGINAL_OPTIONS"
UNKEPT = "a value that was not kept"


def _environment(
    fields: dict[str, Any], in_map: str | None = None, in_image: str | None = None
) -> Any:
    facts = Facts(config_maps={("shop", "m"): {} if in_map is None else {"OPTIONS": in_map}})
    known = None if in_image is None else image(OPTIONS=in_image)
    if in_image == UNKEPT:
        known = Image(environment={"OPTIONS": None})
    return environment.of(container(**fields), known, facts, "shop")


def _env(**entry: Any) -> dict[str, Any]:
    return {"env": [{"name": "X", "value": "x"}, {"name": "OPTIONS", **entry}]}


FROM_MAP = {"envFrom": [{"configMapRef": {"name": "m"}}]}
FROM_SECRET = {"envFrom": [{"secretRef": {"name": "s"}}]}

# Where it stands, the container, ConfigMap, image → the value with the addition behind, before.
ROWS: list[tuple[str, dict[str, Any], str | None, str | None, str | None, str | None]] = [
    ("env, as a value", _env(value="-a"), None, None, "-a --agent", "/agent:-a"),
    ("env, as a value", _env(value="-a "), "map", "image", "-a  --agent", "/agent:-a "),
    ("env, as a value", _env(value=""), "map", "image", "--agent", "/agent"),
    ("env, as a value", _env(), None, "image", "--agent", "/agent"),
    ("env, as a value", _env(value="$(X)"), None, None, "$(X) --agent", "/agent:$(X)"),
    (
        "env, as valueFrom",
        _env(valueFrom=REFERENCE),
        None,
        "image",
        f"$({ORIGINAL}) --agent",
        f"/agent:$({ORIGINAL})",
    ),
    (
        "env, optional valueFrom",
        _env(valueFrom={"secretKeyRef": {"optional": True}}),
        None,
        None,
        None,
        None,
    ),
    ("envFrom, known to be", FROM_MAP, "-a", None, "$(OPTIONS) --agent", "/agent:$(OPTIONS)"),
    ("envFrom, known to be", FROM_MAP, "$5", "-i", "$(OPTIONS) --agent", "/agent:$(OPTIONS)"),
    ("envFrom, known and empty", FROM_MAP, "", "-i", "--agent", "/agent"),
    ("envFrom, maybe", FROM_SECRET, None, None, "--agent", "/agent"),
    ("the image's Env", {}, None, "-a", "-a --agent", "/agent:-a"),
    ("the image's Env", {}, None, "$(X) $5", "$$(X) $$5 --agent", "/agent:$$(X) $$5"),
    ("the image's Env", FROM_MAP, None, "-a", "-a --agent", "/agent:-a"),
    ("the image's, not kept", {}, None, UNKEPT, None, None),
    ("nowhere", {}, None, None, "--agent", "/agent"),
    ("nowhere", {"env": None, "envFrom": None}, None, None, "--agent", "/agent"),
]


@pytest.mark.parametrize(
    ("fields", "in_map", "in_image", "behind", "before"),
    [pytest.param(*row[1:], id=f"{n}: {row[0]}") for n, row in enumerate(ROWS)],
)
@pytest.mark.parametrize("addition", [BEHIND, BEFORE], ids=["behind", "before"])
def test_rows(
    addition: Addition,
    fields: dict[str, Any],
    in_map: str | None,
    in_image: str | None,
    behind: str | None,
    before: str | None,
) -> None:
    """The value that is written, by where the container has the variable."""
    expected = behind if addition is BEHIND else before
    env, plan = _environment(fields, in_map, in_image), EnvPlan()
    if expected is None:
        with pytest.raises(RefusalError) as raised:
            plan.merge(env, addition)
        assert raised.value.skip.reason is Reason.VARIABLE_CONFLICT
        return

    assert plan.merge(env, addition) == expected
    written = [(m.name, m.value) for m in plan.merged]
    written += [(entry["name"], entry["value"]) for entry in plan.behind]
    assert written == [("OPTIONS", expected)]
    assert bool(plan.merged) == bool(fields.get("env"))


def test_same_rows() -> None:
    """The table in the docstring has the rows of the test."""
    assert [row[0] for row in tables.rows(merge)] == list(dict.fromkeys(row[0] for row in ROWS))


def test_edit() -> None:
    """An edit says where the entry stands and what is put before and behind its value."""
    plan = EnvPlan()
    plan.merge(_environment(_env(value="-a")), BEHIND)
    plan.merge(_environment(_env(valueFrom=REFERENCE)), BEFORE)

    assert plan.merged == [
        Merged("OPTIONS", 1, "", " --agent", "-a --agent"),
        Merged("OPTIONS", 1, "/agent", "", f"/agent:$({ORIGINAL})", renamed=True),
    ]


def test_nothing_to_add() -> None:
    """An empty addition is no edit."""
    plan = EnvPlan()

    assert plan.merge(_environment(_env(value="-a")), Addition("OPTIONS")) == "-a"
    assert plan.merged == []


def test_original_is_taken() -> None:
    """A variable of the name that we need for renaming keeps us out."""
    fields = _env(valueFrom=REFERENCE)
    fields["env"].append({"name": ORIGINAL, "value": "mine"})

    with pytest.raises(RefusalError, match=f"variable {ORIGINAL} of its own") as raised:
        EnvPlan().merge(_environment(fields), BEHIND)
    assert raised.value.skip.reason is Reason.NAME_TAKEN


def test_require_free() -> None:
    """A name is taken whether env, a known ConfigMap or the image has it."""
    for fields, in_map, in_image in ((_env(), None, None), (FROM_MAP, "", None), ({}, None, "x")):
        with pytest.raises(RefusalError):
            require_free(_environment(fields, in_map, in_image), "OPTIONS")
    require_free(_environment({}), "OPTIONS")


@pytest.mark.parametrize(
    ("text", "expected"), [("", ""), ("a", "a"), ("$", "$$"), ("$$a", "$$$$a")]
)
def test_literal(text: str, expected: str) -> None:
    """Every "$" is doubled, for the kubelet to halve."""
    assert literal(text) == expected
