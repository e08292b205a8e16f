"""The reference pages under docs/ that are made from definitions: `make docs` writes them.

A page is made from what the code itself reads, so that it cannot say anything else;
tests/console/test_reference.py fails when a page is out of date.
"""

import ast
import inspect
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import msgspec

from webhook import settings
from webhook.language import Delivery, Language
from webhook.languages import LANGUAGES
from webhook.reasons import EXPLANATIONS

_MADE = "<!-- Made by `make docs` from {source}; edit that. -->"


def settings_page() -> str:
    """docs/settings.md: every field of the settings document."""
    lines = [
        "# Settings",
        "",
        _MADE.format(source="webhook/settings.py"),
        "",
        "One YAML or JSON document, for `spanhook serve --settings FILE`, `spanhook inject",
        "--settings FILE` and `spanhook explain --settings FILE`. Every field can be left out.",
        "",
        "```yaml",
        "endpoint: http://otel-collector.observability.svc:4318",
        "samplingRatio: 0.1",
        "languages:",
        "  python:",
        "    image: registry.example.com/spanhook/agent-python:0.1.0",
        "  go:",
        "    enabled: false",
        "```",
    ]
    for struct, title in _STRUCTS.items():
        lines += ["", f"## {title}", "", "| field | type | default | what it does |"]
        lines += ["|---|---|---|---|", *_fields(struct)]
    return "\n".join(lines) + "\n"


_STRUCTS: dict[type[msgspec.Struct], str] = {
    settings.Settings: "The document",
    settings.LanguageSettings: "`languages.<language>`",
    settings.InitContainerSettings: "`initContainer`",
    settings.ImageInspectionSettings: "`imageInspection`",
    settings.Mirror: "`imageInspection.mirrors[]`",
}


def _fields(struct: type[msgspec.Struct]) -> Iterator[str]:
    said = _docstrings(struct)
    types = _annotations(struct)
    for field in msgspec.structs.fields(struct):
        kind = types[field.name].replace("|", "\\|")
        default = _default(field)
        yield f"| `{field.encode_name}` | `{kind}` | {default} | {said[field.name]} |"


def _body(struct: type[msgspec.Struct]) -> list[ast.stmt]:
    tree = ast.parse(inspect.getsource(struct)).body[0]
    return tree.body if isinstance(tree, ast.ClassDef) else []


def _docstrings(struct: type[msgspec.Struct]) -> dict[str, str]:
    """Field → the string that stands below it."""
    body = _body(struct)
    return {
        above.target.id: " ".join(str(below.value.value).split())
        for above, below in pairwise(body)
        if isinstance(above, ast.AnnAssign)
        and isinstance(above.target, ast.Name)
        and isinstance(below, ast.Expr)
        and isinstance(below.value, ast.Constant)
    }


def _annotations(struct: type[msgspec.Struct]) -> dict[str, str]:
    return {
        node.target.id: _KINDS.get(text := ast.unparse(node.annotation), text)
        for node in _body(struct)
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }


# How a reader of YAML would say it, where Python's words are not theirs.
_KINDS = {
    "str": "text",
    "str | None": "text",
    "bool": "true or false",
    "tuple[str, ...]": "list of texts",
    "tuple[Signal, ...]": "list of traces, metrics, logs",
    "Annotated[float, Meta(ge=0, le=1)] | None": "number from 0 to 1",
    "Quantity | None": "quantity, such as 256Mi",
    "dict[str, LanguageSettings]": "object, by language",
    "InitContainerSettings": "object",
    "ImageInspectionSettings": "object",
    "tuple[Mirror, ...]": "list of objects",
    "tuple[Host, ...]": "list of hosts",
    "tuple[Platform, ...]": "list of platforms",
    "Place": "host, or host and path",
    "Proxy": "URL",
    "Size": "bytes",
    "Seconds": "seconds",
    "Annotated[float, Meta(ge=0, le=2.5)]": "seconds, 0 to 2.5",
    "Annotated[float, Meta(ge=60)]": "seconds, 60 or more",
    "Literal['inject-with-warning', 'skip']": "inject-with-warning or skip",
    "Literal['Always', 'IfNotPresent', 'Never'] | None": "Always, IfNotPresent or Never",
}


def _default(field: msgspec.structs.FieldInfo) -> str:
    if field.default is msgspec.NODEFAULT or isinstance(field.default, msgspec.Struct):
        return "nothing"
    if field.default is None:
        return "nothing"
    if isinstance(field.default, tuple):
        return f"`{', '.join(field.default)}`" if field.default else "nothing"
    if field.default == "":
        return "nothing"
    text = str(field.default).lower() if isinstance(field.default, bool) else field.default
    return f"`{text}`"


def reasons_page() -> str:
    """docs/reasons.md: every reason for which a container is left alone."""
    lines = [
        "# Why a container was left alone",
        "",
        _MADE.format(source="webhook/reasons.py"),
        "",
        "The same code stands in the annotation `spanhook.dev/status`, in the warning that kubectl",
        "shows, in the API server's audit log, in the label `reason` of the metrics and in what",
        "`spanhook explain` prints. Codes are stable.",
        "",
        "| reason | what it means | what to do |",
        "|---|---|---|",
    ]
    for reason, text in EXPLANATIONS.items():
        remedy = text.remedy.replace("<", "&lt;")
        lines.append(f"| `{reason}` | {text.sentence} | {remedy} |")
    return "\n".join(lines) + "\n"


def languages_page() -> str:
    """docs/languages.md: what each language gets."""
    lines = [
        "# Languages",
        "",
        _MADE.format(source="webhook/languages"),
        "",
        "| | oldest | version unknown | how | files | smallest memory limit |",
        "|---|---|---|---|---|---|",
        *map(_language, LANGUAGES),
        "",
        "Sizes are MiB, measured. `languages.<language>` of the [settings](settings.md) replaces",
        "the image and the memory limit. An image of your own keeps its files in",
        "`/autoinstrumentation` and has a `cp`.",
    ]
    for language in LANGUAGES:
        if language.variables:
            lines += ["", f"## {language.title}", "", f"Image `{language.image}`.", ""]
            lines += ["| variable | value | where the user has one |", "|---|---|---|"]
            lines += [
                f"| `{v.name}` | `{v.value}` | {_MERGES[v.merge.value]} |"
                for v in language.variables
            ]
    return "\n".join(lines) + "\n"


_MERGES = {
    "append": "the agent's part behind it",
    "prefix": "the agent's part before it",
    "keep": "theirs stays",
}


def _language(language: Language) -> str:
    oldest = f"| {language.title} | {language.oldest_text} "
    if language.delivery is Delivery.NODE_AGENT:
        return f"{oldest}| labelled | `spanhook.dev/ebpf: go` for the node agent | none | any |"
    unknown = "skipped (`VersionUnknown`)" if language.needs_version else "injected"
    how = f"init container `{language.agent}`"
    return f"{oldest}| {unknown} | {how} | {language.agent_size} | {language.minimum_memory} |"


PAGES: dict[str, Callable[[], str]] = {
    "settings.md": settings_page,
    "reasons.md": reasons_page,
    "languages.md": languages_page,
}


def write(folder: Path) -> None:
    """Write every page into a folder."""
    for name, page in PAGES.items():
        (folder / name).write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    write(Path(__file__).parent.parent / "docs")
