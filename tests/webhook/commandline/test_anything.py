"""Whatever stands in a pod is told something, and never raises."""

from hypothesis import example, given
from hypothesis import strategies as st

from webhook.commandline import Kind, programs

FRAGMENTS = (
    "sh bash -c -lc -- exec eval env -i -S -u su - sudo tini gosu app python python3.11 -I java"
    ' -jar x.jar node x.js npx npm exec dotnet x.dll $@ "$@" $0 && || ; | & ( ) { } if then else'
    " fi while do done for in case esac ;; ' \" ` $( ${ \\ << EOF > 2>&1 A=b export cd uv run -m"
    " entrypoint.sh nodemon --exec busybox chroot / launcher consul-template -exec [[ ]] ! function"
)
WORDS = st.sampled_from(FRAGMENTS.split())
SCRIPTS = st.lists(st.one_of(WORDS, st.sampled_from([" ", "\n"])), max_size=30).map(" ".join)
ARGV = st.lists(st.one_of(WORDS, SCRIPTS, st.text(max_size=20)), max_size=12)


@given(ARGV, st.booleans())
@example([""], True)
@example(["sh", "-c"], True)
@example(["env", "-S"], True)
@example(["exec"], True)
@example(["su", "-c"], True)
@example(["sh", "-c", 'eval "$@"', "sh", 'eval "$@"'], True)
@example(["sh", "-c", 'eval "$@" & eval "$@" & eval "$@"', "sh", 'eval "$@" & eval "$@"'], True)
@example(["tini"] * 2000, True)
@example(["sh", "-c", "$(" * 5000], True)
@example(["sh", "-c", '"' + "$(a" * 5000], True)
@example(["sh", "-c", "<<A " * 5000 + "\n" * 5000], True)
@example(["sh", "-c", "a & " * 5000], True)
@example(["sh", "-c", "{ " * 5000], True)
@example(["-jar"] * 5000, False)
def test_any_strings_are_told_something(argv: list[str], known: bool) -> None:
    """No list of strings raises, and only the empty one starts nothing."""
    found = programs(argv, entrypoint_known=known)

    assert bool(found) == bool(argv)
    assert len(found) <= 16
    for program in found:
        assert (program.language is not None) == (program.kind is Kind.LANGUAGE)
        assert (program.foreign is not None) == (program.kind is Kind.FOREIGN)


@given(st.lists(st.from_regex(r"[a-z]{1,3}/?[a-z]{4,9}[0-9]?", fullmatch=True), min_size=1))
def test_unknown_words_tell_no_language(argv: list[str]) -> None:
    """A program that no table knows is not taken for one of ours."""
    (program,) = programs([f"/app/zz{argv[0]}", *argv[1:]])

    assert program.language is None
