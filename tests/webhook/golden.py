"""Golden cases: folders of manifests with what comes of them.

A case is a folder of tests/golden:

    input.yaml          manifests as people write them; Namespaces and ConfigMaps among them count
    settings.yaml       the settings document, where it is not the empty one
    image-configs.json  image reference → OCI configuration, where images are known
    image-profiles.yaml ImageProfile objects: what was learnt of images before
    observed.yaml       InstrumentedApplication objects: what was seen run
    image-absent.yaml   image reference → [reason, message], where images were asked for in vain
    context.yaml        {optedIn: false} where no label speaks and the pod is not opted in
    later.yaml          containers that another webhook appends before ours is called again
    expected.yaml       the documents as they come out; the last call's, where there are two
    decisions.yaml      per container the decision, with phrases of what it says, and of warnings

`pytest --rewrite-golden` writes the last two anew; phrases that still fit are kept.
"""

import copy
import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from ruamel.yaml import YAML

from webhook import observed, patch
from webhook.images import profile
from webhook.images.configuration import read_all
from webhook.images.reference import canonical
from webhook.model import (
    Absence,
    Context,
    Decided,
    Facts,
    Image,
    Inject,
    Namespace,
    Outcome,
    Skip,
)
from webhook.mutate import mutate
from webhook.reasons import Reason
from webhook.settings import Settings
from webhook.workloads import Template, objects, templates

FOLDER = Path(__file__).parents[1] / "golden"
CASES = tuple(sorted(path.name for path in FOLDER.iterdir() if (path / "input.yaml").is_file()))

Json = Any


@dataclass(frozen=True, slots=True)
class Case:
    """One folder, read."""

    documents: list[Json]
    facts: Facts
    settings: Settings
    namespaces: dict[str, Namespace]
    opted_in: bool
    later: list[Json]


@dataclass(frozen=True, slots=True)
class Result:
    """One pod of a case: as the (last) call received it, what came of it, and what was answered."""

    template: Template
    before: Json
    after: Json
    outcome: Outcome
    context: Context = field(repr=False)


def _load(case: str, name: str) -> list[Json]:
    path = FOLDER / case / name
    return list(YAML(typ="safe").load_all(path)) if path.is_file() else []


@cache
def read(name: str) -> Case:
    """Read a case's input."""
    documents = _load(name, "input.yaml")
    everything = [one for document in documents for _, one in objects(document)]
    images = FOLDER / name / "image-configs.json"
    context = (_load(name, "context.yaml") or [{}])[0]
    return Case(
        documents,
        Facts(
            images={
                **(read_all(json.loads(images.read_text())) if images.is_file() else {}),
                **_profiled(_load(name, "image-profiles.yaml")),
            },
            config_maps={
                (one["metadata"].get("namespace", ""), one["metadata"]["name"]): one["data"]
                for one in everything
                if one.get("kind") == "ConfigMap"
            },
            absent={
                canonical(image): Absence(Reason(reason), message)
                for image, (reason, message) in (_load(name, "image-absent.yaml") or [{}])[
                    0
                ].items()
            },
            observed={
                key: seen
                for one in _load(name, "observed.yaml")
                for key, seen in observed.read(one).items()
            },
            digests={
                reference.name: known.digest
                for known in map(profile.read, _load(name, "image-profiles.yaml"))
                for reference in known.references
            },
        ),
        msgspec.convert((_load(name, "settings.yaml") or [{}])[0], Settings),
        {one["metadata"]["name"]: _namespace(one) for one in everything if _is_namespace(one)},
        context.get("optedIn", True),
        (_load(name, "later.yaml") or [[]])[0],
    )


def _profiled(profiles: list[Json]) -> dict[str, Image]:
    read_ = map(profile.read, profiles)
    return {one.name: profile.image(known) for known in read_ for one in known.references}


def _is_namespace(document: Json) -> bool:
    return bool(document.get("kind") == "Namespace")


def _namespace(document: Json) -> Namespace:
    metadata = document["metadata"]
    return Namespace(
        metadata["name"], metadata.get("labels") or {}, metadata.get("annotations") or {}
    )


@cache
def results(name: str) -> tuple[Result, ...]:
    """What comes of each pod of a case."""
    case = read(name)
    found = (one for document in case.documents for one in templates(document))
    return tuple(_result(case, template) for template in found)


def _result(case: Case, template: Template) -> Result:
    namespace = case.namespaces.get(template.namespace or "", Namespace(template.namespace))
    context = Context(namespace, template.owner, case.opted_in)
    received = copy.deepcopy(template.pod)
    outcome = mutate(received, context, case.facts, case.settings)
    if case.later:
        received = applied(received, outcome)
        received["spec"]["containers"] += copy.deepcopy(case.later)
        outcome = mutate(received, context, case.facts, case.settings)
    return Result(template, received, applied(received, outcome), outcome, context)


def applied(pod: Json, outcome: Outcome) -> Json:
    """The pod that the operations make of one that stays as it is."""
    return patch.apply(copy.deepcopy(pod), outcome.operations)


def before_all(name: str, result: Result) -> Json:
    """The pod without any of our calls: as it was written, and with what other webhooks added."""
    pod: Json = copy.deepcopy(result.template.pod)
    if later := read(name).later:
        pod["spec"]["containers"] += copy.deepcopy(later)
    return pod


def documents(name: str) -> list[Json]:
    """All documents of a case with the pods that come out in their places."""
    found = iter(results(name))
    return [_replaced(document, found) for document in copy.deepcopy(read(name).documents)]


def _replaced(document: Json, found: Any) -> Json:
    for template in templates(document):
        after = next(found).after
        if not template.path:
            return after
        parent = document
        for key in template.path[:-1]:
            parent = parent[key]
        parent[template.path[-1]] = after
    return document


def decisions(name: str) -> list[tuple[dict[str, str], str]]:
    """Per container its entry for decisions.yaml, and everything that is said of it."""
    found = results(name)
    return [
        (_entry(one.template if len(found) > 1 else None, decided), _said(decided))
        for one in found
        for decided in one.outcome.decisions
    ]


def _entry(template: Template | None, decided: Decided) -> dict[str, str]:
    decision = decided.decision
    entry = {
        "pod": template and f"{template.kind}/{template.name}",
        "container": decided.target.name,
        "decision": "inject" if isinstance(decision, Inject) else "skip",
        "reason": None if isinstance(decision, Inject) else decision.reason.value,
        "language": decision.language,
        "version": decision.version,
        "libc": decision.libc,
    }
    return {key: value for key, value in entry.items() if value}


def _said(decided: Decided) -> str:
    message = decided.decision.message if isinstance(decided.decision, Skip) else ""
    return "\n".join(filter(None, (message, *decided.notes)))


def warnings(name: str) -> list[str]:
    """All admission warnings of a case."""
    return [warning for one in results(name) for warning in one.outcome.warnings]


def expected_documents(name: str) -> list[Json]:
    """What expected.yaml says."""
    return _load(name, "expected.yaml")


def expected_decisions(name: str) -> Json:
    """What decisions.yaml says: `containers` (each with its phrases in `says`) and `warnings`."""
    return (_load(name, "decisions.yaml") or [{}])[0]


def rewrite(name: str) -> None:
    """Write what comes out as what is expected."""
    yaml = YAML()
    yaml.width = 100
    yaml.indent(mapping=2, sequence=4, offset=2)
    old = expected_decisions(name)
    said = {(e.get("pod"), e["container"]): e.get("says", []) for e in old.get("containers", [])}
    containers: list[Json] = []
    for entry, text in decisions(name):
        phrases = said.get((entry.get("pod"), entry["container"]), [])
        fresh = text.splitlines()
        says = phrases if phrases and all(one in text for one in phrases) else fresh
        containers.append(entry | ({"says": says} if says else {}))
    document = {"containers": containers}
    if found := warnings(name):
        document["warnings"] = [_phrase(one, old.get("warnings", [])) for one in found]
    yaml.dump_all(documents(name), FOLDER / name / "expected.yaml")
    yaml.dump(document, FOLDER / name / "decisions.yaml")


def _phrase(warning: str, phrases: list[str]) -> str:
    return next((phrase for phrase in phrases if phrase in warning), warning)
