"""Evidence in the label that Cloud Native Buildpacks write: who built the image, what it starts.

The label's form is the buildpacks' platform specification, `io.buildpacks.build.metadata`.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from webhook.images import versions
from webhook.model import NATIVE, Evidence, Image, Json, Object, Source

LABEL = "io.buildpacks.build.metadata"

_PROCESS = re.compile(r"/cnb/process/([\w.-]+)")
_PROGRAMS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"java"), "java"),
    (re.compile(r"python[\d.]*|gunicorn|uvicorn|hypercorn|celery|flask|django-admin"), "python"),
    (re.compile(r"node|npm|npx|yarn|pnpm"), "nodejs"),
    (re.compile(r"dotnet"), "dotnet"),
    (re.compile(r"ruby|bundle|puma|rackup|rails"), "~Ruby"),
    (re.compile(r"php|php-fpm|procmgr-binary"), "~PHP"),
    (re.compile(r"nginx"), "~nginx"),
    (re.compile(r"httpd"), "~Apache httpd"),
)

_NATIVE = re.compile(r".*[/.]native-image")
# The languages of buildpacks by the end of their identity. Those that serve several languages
# (ca-certificates, procfile, environment-variables, ...) are missing, and tell nothing.
_BUILDPACKS: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(
            r"google\.java\..+|heroku/(?:java|jvm|gradle|maven|scala|clojure)\b.*|paketo-[a-z]+/(?:"
            r"bellsoft-liberica|executable-jar|spring-boot|dist-zip|apache-tomcat|apache-tomee"
            r"|amazon-corretto|azul-zulu|adoptium|eclipse-openj9|sap-machine|microsoft-openjdk"
            r"|oracle|alibaba-dragonwell|graalvm|java|maven|gradle|sbt|leiningen|liberty)"
        ),
        "java",
    ),
    (
        re.compile(
            r"google\.python\..+|heroku/python|paketo-[a-z]+/(?:cpython|pip|pip-install|pipenv"
            r"|pipenv-install|poetry|poetry-install|poetry-run|uv|uv-install|python-start|miniconda"
            r"|conda-env-update|python)"
        ),
        "python",
    ),
    (
        re.compile(
            r"google\.nodejs\..+|heroku/nodejs\b.*|paketo-[a-z]+/(?:node-engine|node-start"
            r"|npm-install|npm-start|yarn|yarn-install|yarn-start|pnpm|node-run-script|nodejs)"
        ),
        "nodejs",
    ),
    (re.compile(r"google\.dotnet\..+|heroku/dotnet|paketo-[a-z]+/dotnet-.+"), "dotnet"),
    (re.compile(r"google\.go\..+|heroku/go|paketo-[a-z]+/go(?:-.+)?"), "go"),
    (
        re.compile(
            r"google\.ruby\..+|heroku/ruby|paketo-[a-z]+/(?:mri|bundler|bundle-install|puma|rackup"
            r"|thin|unicorn|passenger|rails-assets|ruby)"
        ),
        "~Ruby",
    ),
    (re.compile(r"google\.php\..+|heroku/php|paketo-[a-z]+/php-?.*"), "~PHP"),
    (re.compile(r"paketo-[a-z]+/nginx"), "~nginx"),
    (re.compile(r"paketo-[a-z]+/httpd"), "~Apache httpd"),
    (re.compile(r"paketo-[a-z]+/(?:rust|cargo)\b.*"), "~Rust"),
)

# Names in the bill of materials, which lifecycles before 0.12 wrote into the label.
_MATERIALS: Mapping[str, str] = {
    "jre": "java",
    "jdk": "java",
    "cpython": "python",
    "python": "python",
    "node": "nodejs",
    "dotnet-aspnetcore": "dotnet",
    "dotnet-runtime": "dotnet",
    "go": "go",
}


def of_image(image: Image) -> tuple[Evidence, ...]:
    """Evidence of the build's metadata; none where the label is missing or not as specified."""
    metadata = _metadata(image.labels.get(LABEL, ""))
    ids = list(_identities(metadata))
    for identity in ids:
        if _NATIVE.fullmatch(identity):
            fact = f"buildpack {identity}: compiled ahead of time"
            return (Evidence(Source.IMAGE, fact, NATIVE),)
    process = _of_process(image, metadata)
    if process is not None and process.language:
        return (process,)
    return _of_identities(ids, metadata)


def language_of(identity: str) -> str | None:
    """The language that a buildpack builds: `java` of `paketo-buildpacks/executable-jar`."""
    return next((name for pattern, name in _BUILDPACKS if pattern.fullmatch(identity)), None)


def _metadata(text: str) -> Object:
    try:
        document = json.loads(text) if text else None
    except (ValueError, RecursionError):  # a label holds whatever its author wrote
        return {}
    return document if isinstance(document, dict) else {}


def _objects(document: Object, key: str) -> list[Object]:
    items = document.get(key)
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _identities(metadata: Object) -> Iterator[str]:
    for buildpack in _objects(metadata, "buildpacks"):
        identity = buildpack.get("id")
        if isinstance(identity, str):
            yield identity


def _type(image: Image, metadata: Object) -> Json:
    """Which process the image starts: named by the entrypoint, the environment, or the build."""
    match = _PROCESS.fullmatch(image.entrypoint[0]) if image.entrypoint else None
    if match:
        return match[1]
    return (
        image.environment.get("CNB_PROCESS_TYPE")
        or metadata.get("buildpack-default-process-type")
        or "web"
    )


def _of_process(image: Image, metadata: Object) -> Evidence | None:
    kind = _type(image, metadata)
    for process in _objects(metadata, "processes"):
        if process.get("type") != kind:
            continue
        program = _program(process.get("command"))
        language = _language_of_program(program)
        builder = process.get("buildpackID")
        fact = f"the buildpacks' process {kind} starts {program}"
        if language is None and isinstance(builder, str):
            language = language_of(builder)
            fact = f"buildpack {builder} starts the process {kind}"
        return Evidence(Source.IMAGE, fact, language, _material(metadata, language))
    return None


def _program(command: Json) -> str:
    """The base name of what is started; a command is a list, or one text for the shell."""
    if isinstance(command, list) and command:
        command = command[0]
    words = command.split() if isinstance(command, str) else []
    return words[0].rpartition("/")[2] if words else ""


def _language_of_program(program: str) -> str | None:
    return next((name for pattern, name in _PROGRAMS if pattern.fullmatch(program)), None)


def _of_identities(ids: Sequence[str], metadata: Object) -> tuple[Evidence, ...]:
    """They decide where all speak for one language: Ruby programs build assets with Node.js."""
    languages: dict[str, str] = {}
    for identity in ids:
        if language := language_of(identity):
            languages.setdefault(language, identity)
    return tuple(
        Evidence(
            Source.IMAGE,
            f"built by the buildpack {identity}",
            language,
            _material(metadata, language),
            decides=len(languages) == 1,
        )
        for language, identity in languages.items()
    )


def _material(metadata: Object, language: str | None) -> str | None:
    for item in _objects(metadata, "bom"):
        name, details = item.get("name"), item.get("metadata")
        if not isinstance(name, str) or language is None or _MATERIALS.get(name) != language:
            continue
        version = details.get("version") if isinstance(details, dict) else None
        if isinstance(version, str):
            return versions.normalise(language, version)
    return None
