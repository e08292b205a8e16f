from tests.repository.tracked import text_of, tracked

MODULE_CAP = 300


def test_modules_stay_small() -> None:
    """No Python module is longer than the cap: a longer one holds more than one noun."""
    lengths = {str(path): len(text_of(path).splitlines()) for path in tracked(".py")}

    assert {path: lines for path, lines in lengths.items() if lines > MODULE_CAP} == {}
