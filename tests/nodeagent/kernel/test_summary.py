from nodeagent.kernel.checks import Check
from nodeagent.kernel.summary import lines

_FINE = Check("machine", passed=True, says="x86_64")
_LACKS = Check("programs", passed=False, says="refused", without="nothing is traced")
_OPTIONAL = Check("BTF", passed=False, says="missing", without="all is traced", needed=False)


def test_what_lacks_is_followed_by_what_works_without_it() -> None:
    """Each in a line of its own, and the last line says the whole."""
    assert list(lines([_FINE, _LACKS], {"write": ""})) == [
        "ok  machine: x86_64",
        "no  programs: refused",
        "      without: nothing is traced",
        "ok  propagation by write: can be used",
        "Go programs cannot be traced, for want of: programs",
    ]


def test_what_is_not_needed_leaves_tracing() -> None:
    """A kernel without it is one that can be traced on."""
    said = list(lines([_FINE, _OPTIONAL], {"write": ""}))

    assert said[1:3] == ["off BTF: missing", "      without: all is traced"]
    assert said[-1] == "Go programs can be traced"


def test_traces_that_are_not_passed_on() -> None:
    """What that means is said where every way is closed, and not before."""
    one = list(lines([_FINE], {"write": "locked down", "sk-msg": ""}))
    none = list(lines([_FINE], {"write": "locked down", "sk-msg": "not permitted"}))

    assert "off propagation by write: locked down" in one
    assert not any("without" in line for line in one)
    assert any("begins a trace of its own" in line for line in none)
    assert none[-1] == "Go programs can be traced"
