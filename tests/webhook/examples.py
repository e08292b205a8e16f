"""Small pods, and the values that the core makes of them on its way."""

import copy
from typing import Any

from webhook import annotations, patch
from webhook.candidate import Candidate, Question
from webhook.decide import decide
from webhook.identity import Identity
from webhook.images.configuration import read
from webhook.model import Context, Facts, Image, Namespace, Outcome, Skip, Target
from webhook.mutate import mutate
from webhook.settings import Settings
from webhook.shared import Wanted

Json = dict[str, Any]

CONTEXT = Context(Namespace("shop"), opted_in=True)
WANTED = Wanted(Identity("cart", {"k8s.pod.name": "$(SPANHOOK_POD_NAME)"}), ("traces",), None)
IMAGES = {
    "java": "eclipse-temurin:21",
    "python": "python:3.12",
    "nodejs": "node:22",
    "dotnet": "mcr.microsoft.com/dotnet/aspnet:8.0",
}
"""Language → an official image of it."""


def container(image: str = "python:3.12", name: str = "app", **fields: Any) -> Json:
    """One container."""
    return {"name": name, "image": image, **fields}


def pod(*containers: Json, annotations: Json | None = None, **spec: Any) -> Json:
    """One pod; without arguments it has one Python container."""
    metadata: Json = {"name": "cart"}
    if annotations is not None:
        metadata["annotations"] = annotations
    return {"metadata": metadata, "spec": {"containers": [*containers] or [container()], **spec}}


def variables(**values: str | None) -> list[Json]:
    """An `env` of plain values; of None a reference that has to resolve."""
    return [
        {"name": name, "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}
        if value is None
        else {"name": name, "value": value}
        for name, value in values.items()
    ]


def image(*command: str, **environment: str) -> Image:
    """An image of a command and an environment."""
    env = [f"{name}={value}" for name, value in environment.items()]
    return read({"config": {"Env": env, "Entrypoint": [*command]}})


def question(
    one: Json,
    whole: Json | None = None,
    facts: Facts | None = None,
    settings: Settings | None = None,
    namespace: Json | None = None,
) -> Question:
    """What is asked about a container, of a pod that has no other where none is given."""
    whole = whole or pod(one)
    return Question(
        whole,
        Target("containers", whole["spec"]["containers"].index(one), one, one["name"]),
        annotations.read(whole, namespace or {}),
        facts or Facts(),
        settings or Settings(),
        "shop",
    )


def candidate(one: Json, facts: Facts | None = None, settings: Settings | None = None) -> Candidate:
    """The candidate that a container is."""
    answer = decide(question(one, facts=facts, settings=settings))
    assert not isinstance(answer, Skip), answer
    return answer


def mutated(
    whole: Json, facts: Facts | None = None, settings: Settings | None = None
) -> tuple[Json, Outcome]:
    """The pod as it comes out, and the outcome; the pod that is given stays as it is."""
    outcome = mutate(whole, CONTEXT, facts or Facts(), settings or Settings())
    assert outcome.failure is None
    return patch.apply(copy.deepcopy(whole), outcome.operations), outcome
