"""What the webhook would do with every pod of a command's input."""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from console.manifests.bundle import Bundle, bundle, place
from console.manifests.documents import Document
from console.manifests.errors import InputError, ManifestError
from console.manifests.files import read_files
from console.options import DEBUG, Input
from webhook.images import configuration
from webhook.model import Context, Facts, Image, Outcome
from webhook.mutate import mutate
from webhook.settings import Settings
from webhook.workloads import Template


@dataclass(frozen=True, slots=True)
class Answer:
    """One pod of the input and what it gets."""

    document: Document
    template: Template
    outcome: Outcome


def read_input(given: Input) -> Bundle:
    """The documents that a command was given. Raises InputError."""
    return bundle(read_files(given.files, recursive=given.recursive), given.namespace)


def decide(given: Input, manifests: Bundle) -> tuple[Answer, ...]:
    """What every pod gets. Raises InputError before anything is done when any of it is wrong."""
    settings = load_settings(given.settings)
    facts = Facts(
        images={**manifests.learnt.images, **_images(given.image_configs)},
        config_maps=manifests.config_maps,
        observed=manifests.learnt.observed,
        digests=manifests.learnt.digests,
    )
    pods = [(document, place(pod, given.namespace)) for document, pod in manifests.pods()]
    answers = tuple(_answers(pods, manifests, facts, settings))
    if given.registries is None:
        return answers
    from console import report
    from console.images.facts import learn, unsaid

    facts = learn(answers, facts, given.registries, settings)
    answers = tuple(_answers(pods, manifests, facts, settings))
    for text in unsaid(answers, facts):
        report.line(f"spanhook: {text}")
    return answers


def _answers(
    pods: list[tuple[Document, Template]], manifests: Bundle, facts: Facts, settings: Settings
) -> Iterator[Answer]:
    for document, template in pods:
        namespace = manifests.namespace(template.namespace)
        # Who runs the command on a manifest wants it: that counts where no label says otherwise.
        context = Context(namespace, template.owner, opted_in=True)
        outcome = mutate(template.pod, context, facts, settings)
        if outcome.failure is not None:
            raise _failed(document, template, outcome.failure)
        yield Answer(document, template, outcome)


def _failed(document: Document, template: Template, failure: BaseException) -> Exception:
    if os.environ.get(DEBUG):
        raise failure
    return ManifestError(
        f"{template.kind} {template.name}: Spanhook failed on this pod"
        f" ({type(failure).__name__}: {failure}); please report it with the manifest",
        file=document.file,
        document=document.number,
        line=document.line,
    )


def load_settings(path: Path | None) -> Settings:
    """The settings in a file, the defaults without one. Raises InputError."""
    if path is None:
        return Settings()
    from webhook.server.settings import SettingsError, load

    try:
        return load(path)
    except SettingsError as error:
        raise InputError(str(error)) from error


def _images(path: Path | None) -> Mapping[str, Image]:
    if path is None:
        return {}
    try:
        return configuration.read_all(json.loads(path.read_bytes()))
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from error
    except json.JSONDecodeError as error:
        raise InputError(f"{path}:{error.lineno}:{error.colno}: {error.msg}") from error
    except ValueError as error:
        raise InputError(f"{path}: {error}") from error
