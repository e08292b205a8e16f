"""Values as text: blocks of YAML, and flow that both YAML and JSON read."""

from console.manifests.layout import Layout
from console.manifests.scalars import quoted, write
from webhook.model import Json


def is_inline(data: Json) -> bool:
    """Whether a value stands on its key's line: a scalar, or an empty collection."""
    return not isinstance(data, dict | list) or not data


def block(data: Json, layout: Layout) -> list[str]:
    """The lines of a collection that is not empty, without indentation."""
    if isinstance(data, list):
        return [line for item in data for line in item_lines(item, layout)]
    return [line for key, value in data.items() for line in entry_lines(key, value, layout)]


def entry_lines(key: str, value: Json, layout: Layout) -> list[str]:
    """The lines of a mapping's entry."""
    if is_inline(value):
        return [f"{write(key)}: {write(value)}"]
    indent = " " * (layout.dash if isinstance(value, list) else layout.step)
    return [f"{write(key)}:", *(indent + line for line in block(value, layout))]


def item_lines(value: Json, layout: Layout) -> list[str]:
    """The lines of a sequence's item, with its dash."""
    if is_inline(value):
        return [f"- {write(value)}"]
    first, *rest = block(value, layout)
    return [f"- {first}", *(f"  {line}" for line in rest)]


def flow(data: Json, layout: Layout, indent: str = "") -> str:
    """A value as JSON, laid out as the layout says; `indent` is that of its own line."""
    if isinstance(data, str):
        return quoted(data)
    if is_inline(data):
        return write(data)
    inner = indent + (layout.unit or "")
    if isinstance(data, list):
        texts = [flow(item, layout, inner) for item in data]
    else:
        texts = [entry(key, value, layout, inner) for key, value in data.items()]
    opening, closing = "[]" if isinstance(data, list) else "{}"
    if layout.unit is None:
        return opening + layout.comma.join(texts) + closing
    start, between = layout.newline + inner, "," + layout.newline + inner
    return f"{opening}{start}{between.join(texts)}{layout.newline}{indent}{closing}"


def entry(key: str, value: Json, layout: Layout, indent: str) -> str:
    """An entry of a mapping in flow."""
    return f"{quoted(key)}{layout.colon}{flow(value, layout, indent)}"
