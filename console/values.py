"""Values for programs: JSON or YAML text."""

import json
from typing import Literal

from console.manifests.layout import Layout
from console.manifests.render import block, is_inline
from console.manifests.scalars import write
from webhook.model import Json


def text(value: Json, form: Literal["json", "yaml"]) -> str:
    """A value as indented JSON or as YAML, with its last line ended."""
    if form == "json":
        return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
    lines = [write(value)] if is_inline(value) else block(value, Layout())
    return "".join(f"{line}\n" for line in lines)
