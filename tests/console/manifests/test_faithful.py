import json
from copy import deepcopy

from hypothesis import given
from hypothesis import strategies as st

from console.manifests.documents import Patch, change, patched, read
from tests.console.manifests.writing import OBJECTS, Writer, operations


@given(st.data(), OBJECTS)
def test_any_patch_of_any_yaml_gives_what_the_patch_gives(
    data: st.DataObject, value: dict[str, object]
) -> None:
    """However a document is written, its changed text means exactly what the patch makes of it."""
    text = Writer(data.draw).document(value)
    (document,) = read("f.yaml", text)
    assert document.data == value

    patch = Patch("", data.draw(operations(deepcopy(value))))
    expected = patched(document.data, [patch])
    changed = change(document, [patch])

    assert [one.data for one in read("f.yaml", changed)] == [expected]


@given(st.data(), OBJECTS, st.sampled_from([None, 2, 4, "\t"]), st.booleans())
def test_any_patch_of_any_json_gives_what_the_patch_gives(
    data: st.DataObject, value: dict[str, object], indent: int | str | None, plain: bool
) -> None:
    """JSON stays JSON, whatever its indentation and escapes."""
    text = json.dumps(value, indent=indent, ensure_ascii=plain)
    (document,) = read("f.json", text)

    patch = Patch("", data.draw(operations(deepcopy(value))))
    changed = change(document, [patch])

    assert json.loads(changed) == patched(value, [patch])
