import pytest

from console.manifests.documents import Patch, change, patched, read
from console.manifests.errors import ManifestError
from webhook.model import Json, Operation


def changed(text: str, *operations: Operation) -> str:
    """A document's text after operations."""
    (document,) = read("f.yaml", text)
    return change(document, [Patch("", operations)])


SET = Operation("add", "/one/k", 1)
FILL = Operation("replace", "/one", {"k": 1})


@pytest.mark.parametrize(
    ("before", "operation", "after"),
    [
        pytest.param(
            "one: &a\n  x: z\ntwo: *a\n",
            Operation("add", "/two/k", 1),
            "one: &a\n  x: z\ntwo:\n  x: z\n  k: 1\n",
            id="through an alias",
        ),
        pytest.param(
            "one: &a\n  x: z\ntwo: *a\n",
            SET,
            "one: &a\n  x: z\n  k: 1\ntwo:\n  x: z\n",
            id="what an alias shows elsewhere",
        ),
        pytest.param(
            "one: &a {x: z}\ntwo:\n  <<: *a\n  w: v\n",
            Operation("add", "/two/x", "q"),
            "one: &a {x: z}\ntwo:\n  <<: *a\n  w: v\n  x: q\n",
            id="over a merge key",
        ),
        pytest.param(
            "base: &b\n  env:\n  - a\none:\n  <<: *b\n",
            Operation("add", "/one/env/-", "b"),
            "base: &b\n  env:\n  - a\none:\n  <<: *b\n  env:\n  - a\n  - b\n",
            id="into what a merge key brings",
        ),
        pytest.param(
            "one: &a\n  x: z\ntwo: {<<: *a, w: v}\n",
            SET,
            'one: &a\n  x: z\n  k: 1\ntwo: {<<: {"x": "z"}, w: v}\n',
            id="what a merge key brings elsewhere",
        ),
        pytest.param(
            "one:\n  k: &v old\nargs: [*v]\n",
            Operation("replace", "/one/k", "new"),
            'one:\n  k: &v new\nargs: ["old"]\n',
            id="an anchored scalar",
        ),
        pytest.param(
            "one: &list\n- a\ntwo: *list\n",
            Operation("remove", "/one"),
            "two:\n- a\n",
            id="the anchor goes",
        ),
    ],
)
def test_other_places_keep_their_value(before: str, operation: Operation, after: str) -> None:
    """A change at one place that shares its value with others is a change at that place alone."""
    assert changed(before, operation) == after


@pytest.mark.parametrize(
    ("before", "operation", "after"),
    [
        ("one:  # c\n", FILL, "one:  # c\n  k: 1\n"),
        ("one: {}  # c\n", SET, "one:  # c\n  k: 1\n"),
        ("one: null\n", FILL, "one:\n  k: 1\n"),
        ("one: {a: b}\n", SET, 'one: {a: b, "k": 1}\n'),
        ("one:\n    a: b #\n    # d\n\nw: 2", SET, "one:\n    a: b #\n    k: 1\n    # d\n\nw: 2"),
        ("one:\n  a: b", SET, "one:\n  a: b\n  k: 1"),
        ("one:\r\n  a: b\r\n", SET, "one:\r\n  a: b\r\n  k: 1\r\n"),
        ("\ufeffone:\n  a: b\n", SET, "\ufeffone:\n  a: b\n  k: 1\n"),
        ("--- #\none:\n  a: |\n    x\n\n...\n", SET, "--- #\none:\n  a: |\n    x\n  k: 1\n\n...\n"),
        ("one:\n  a: |+\n    x\n\n", SET, "one:\n  a: |+\n    x\n\n  k: 1\n"),
        ("one:\n  a: >-\n    x\n    y", SET, "one:\n  a: >-\n    x\n    y\n  k: 1"),
        ("? one\n: a: b\n", SET, "one:\n  a: b\n  k: 1\n"),
        ("one: {\n  a: b\n}\n", SET, 'one: {\n  a: b,\n  "k": 1\n}\n'),
        ("one:\n  k: 'a'\n", Operation("replace", "/one/k", "it's"), "one:\n  k: 'it''s'\n"),
        ('one:\n  k: "a"  # c\n', Operation("replace", "/one/k", "b"), 'one:\n  k: "b"  # c\n'),
        ("one:\n  k: >-\n    a\n    b\n", Operation("replace", "/one/k", "c"), "one:\n  k: c\n"),
        ("one:\n- a\n# b\n- c\n", Operation("remove", "/one/1"), "one:\n- a\n# b\n"),
        ("one:\n- a\n", Operation("remove", "/one/0"), "one: []\n"),
        ("one:\n- a\n", Operation("replace", "/one", None), "one:\n"),
        ("one: [a, b, c]\n", Operation("remove", "/one/0"), "one: [b, c]\n"),
        ("one:\n# a's\n- a\n", Operation("add", "/one/0", "z"), "one:\n- z\n# a's\n- a\n"),
        ("one:\n- - a\n", Operation("add", "/one/0/0", {"k": []}), "one:\n- - k: []\n  - a\n"),
        ("one:\n- k: 1\n  l: 2\n", Operation("remove", "/one/0/k"), "one:\n- l: 2\n"),
    ],
)  # fmt: skip
def test_only_what_changes_is_touched(before: str, operation: Operation, after: str) -> None:
    """Comments, quotes, blank lines, line ends and markers stay; what is added looks like them."""
    assert changed(before, operation) == after


def test_a_second_operation_builds_on_the_first() -> None:
    """Operations see what those before them have added, as in RFC 6902."""
    operations = (
        Operation("add", "/one", {"list": []}),
        Operation("add", "/one/list/-", "b"),
        Operation("add", "/one/list/0", "a"),
        Operation("replace", "/one/list/1", {"k": 1}),
        Operation("add", "/one/list/1/l", 2),
        Operation("remove", "/one/list/1/k"),
        Operation("add", "/x~1y", "~"),
    )

    assert changed("a: 1\n", *operations) == 'a: 1\none:\n  list:\n  - a\n  - l: 2\nx/y: "~"\n'


@pytest.mark.parametrize(
    ("text", "operation", "after"),
    [
        ('{"one":{"a":1}}', SET, '{"one":{"a":1,"k":1}}'),
        ('{"one": {}}', SET, '{"one": {"k": 1}}'),
        ('{\n\t"one": {}\n}\n', SET, '{\n\t"one": {\n\t\t"k": 1\n\t}\n}\n'),
        ('{\n "one": {\n  "a": 1.0\n }\n}', SET, '{\n "one": {\n  "a": 1.0,\n  "k": 1\n }\n}'),
    ],
)  # fmt: skip
def test_json_stays_json(text: str, operation: Operation, after: str) -> None:
    """What is added to JSON is laid out as the JSON is."""
    assert changed(text, operation) == after


@pytest.mark.parametrize(
    ("name", "text", "place", "problem"),
    [
        ("f.yaml", "a: 1\n---\nb: 1\n\tc: 2\n", "f.yaml:4:1, document 2", "cannot start any token"),
        ("f.yaml", "a: 1\na: 2\n", "f.yaml:2:1, document 1", 'the key "a" is there twice'),
        ("f.yaml", "a: {b: 1, b: 2}\n", "f.yaml:1:11, document 1", 'the key "b" is there twice'),
        ("f.yaml", "a: *b\n", "f.yaml:1:4, document 1", "the alias *b has no anchor"),
        ("f.yaml", "a: &b [*b]\n", "f.yaml:1:8, document 1", "inside its own anchor"),
        ("f.yaml", "a: .inf\n", "f.yaml:1:4, document 1", "no number"),
        ("f.yaml", "? [a]\n: b\n", "f.yaml:1:3, document 1", "a key that is no text"),
        ("f.yaml", "<<: 1\n", "f.yaml:1:1, document 1", "<< merges mappings only"),
        ("f.yaml", 'a: "\\ud83d"\n', "f.yaml:1:4, document 1", "half a character"),
        ("f.yaml", "a: \x07\n", "f.yaml:1:4, document 1", "special characters are not allowed"),
        ("f.yaml", "a: 1\nb: " + "[" * 200 + "]" * 200, "f.yaml:2:104", "nested more than"),
        ("f.json", '{"a": 1} {"b": }', "f.json:1:16, document 2", "expected a JSON value"),
        ("f.json", '{"a": 1, "a": 2}', "f.json:1:10, document 1", 'the key "a" is there twice'),
        ("f.json", "{a: 1}", "f.json:1:2, document 1", "a key in double quotes"),
        ("f.json", '{"a": [1 2]}', "f.json:1:10, document 1", "expected , or ]"),
        ("stdin", '{"a": "x\ty",,}', "stdin:1:7, document 1", "expected a JSON value"),
    ],
)  # fmt: skip
def test_a_broken_document_says_where(name: str, text: str, place: str, problem: str) -> None:
    """Errors name file, line, column, document and what is wrong."""
    with pytest.raises(ManifestError) as caught:
        read(name, text)

    assert str(caught.value).startswith(place)
    assert problem in str(caught.value)


def test_aliases_cannot_stand_for_billions() -> None:
    """A few lines that expand to more than any manifest are refused before they are expanded."""
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9)
    )

    with pytest.raises(ManifestError, match="values with aliases"):
        read("f.yaml", bomb)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", [None]),
        ("# only a comment\n", [None]),
        ("---\n---\na: 1\n", [None, {"a": 1}]),
        ("{a: 1}\n---\n{b: 2}\n", [{"a": 1}, {"b": 2}]),
        ('{"a": 1}\n{"b": 2}\n', [{"a": 1}, {"b": 2}]),
        ("a: 1\n<<: {a: 2, b: 3}\nb: 4\n", [{"a": 2, "b": 4}]),
        ("<<: [{a: 1}, {a: 2, b: 3}]\n", [{"a": 1, "b": 3}]),
        ("yes: 1\n8080: 2\n~: 3\n", [{"true": 1, "8080": 2, "null": 3}]),
    ],
)
def test_documents_are_read_as_kubectl_reads_them(text: str, expected: list[Json]) -> None:
    """Empty documents, streams of JSON, merge keys and keys that are no texts."""
    documents = read("f.yaml", text)

    assert [document.data for document in documents] == expected
    assert "".join(document.text for document in documents) == text


def test_a_patch_that_does_not_fit_is_refused() -> None:
    """A path that is not there is an error, not a guess."""
    with pytest.raises(KeyError):
        changed("a: 1\n", Operation("replace", "/a/b", 1))


def test_the_expected_value_is_made_apart() -> None:
    """What a patch is checked against shares nothing with the document, nor between its places."""
    (document,) = read("f.yaml", "a: &x [1]\nb: *x\n")

    assert patched(document.data, [Patch("", (Operation("add", "/a/-", 2),))]) == {
        "a": [1, 2],
        "b": [1],
    }
    assert document.data == {"a": [1], "b": [1]}
