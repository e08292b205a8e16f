import ast
from collections.abc import Iterator

from tests.repository.tracked import text_of, tracked


def silent_tests(source: str) -> Iterator[str]:
    """Names of the test functions and methods in `source` that have no docstring."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        if node.name.startswith("test_") and not ast.get_docstring(node):
            yield node.name


def test_every_test_says_the_behaviour() -> None:
    """Each test function of the repository has a docstring."""
    files = [path for path in tracked(".py") if path.parts[0] == "tests"]

    assert [f"{path}: {name}" for path in files for name in silent_tests(text_of(path))] == []


def test_a_test_without_docstring_is_found() -> None:
    """Functions, coroutines and methods count; helpers and documented tests do not."""
    source = """
def test_silent(): pass
async def test_silent_coroutine(): pass
class TestGroup:
    def test_silent_method(self): pass
    def test_documented(self):
        "Says what it does."
def helper(): pass
"""

    assert set(silent_tests(source)) == {
        "test_silent",
        "test_silent_coroutine",
        "test_silent_method",
    }
