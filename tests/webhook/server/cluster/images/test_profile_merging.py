"""One profile of what two know of a digest."""

from dataclasses import replace

from tests.webhook.server.cluster.images.stage import JAVA, PYTHON, at, profile, renamed
from webhook.images.profile import REVISION, Command, Profile, Reference
from webhook.server.cluster import profile_merging

ONE = profile("one", PYTHON, ("shop/cart:1", 10))
NOW = at(3600).timestamp()
LOOKED = Command("a" * 64, language="python")


def merged(old: Profile, new: Profile) -> Profile:
    """Both, an hour after the beginning."""
    return profile_merging.merged(old, new, NOW)


def test_references() -> None:
    """All, each when it was seen last, the youngest first."""
    both = merged(renamed(ONE, ("a/a:1", 10), ("a/b:1", 30)), renamed(ONE, ("a/a:1", 20)))

    assert [(one.name, one.resolved) for one in both.references] == [
        ("docker.io/a/b:1", at(30)),
        ("docker.io/a/a:1", at(20)),
    ]


def test_an_older_word_takes_nothing_back() -> None:
    """Whoever writes later may have seen it earlier."""
    both = merged(renamed(ONE, ("a/a:1", 20)), renamed(ONE, ("a/a:1", 10)))

    assert both.references == (Reference("docker.io/a/a:1", at(20)),)


def test_a_time_that_has_not_come() -> None:
    """A clock that was ahead holds nothing: whatever is seen now takes its place, on both sides."""
    ahead, now = at(86_400), at(3_500)
    poisoned = replace(renamed(ONE, ("a/a:1", 86_400)), last_used=ahead)
    seen = replace(renamed(ONE, ("a/a:1", 3_500)), last_used=now)

    for both in (merged(poisoned, seen), merged(seen, poisoned)):
        assert both.references == (Reference("docker.io/a/a:1", now),)
        assert both.last_used == now
    many = merged(renamed(ONE, *((f"a/a:{n}", n) for n in range(64))), poisoned)
    assert ahead not in [one.resolved for one in many.references[:63]]


def test_room_for_references() -> None:
    """The resource has room for sixty-four: the oldest go."""
    many = renamed(ONE, *((f"a/a:{number}", number) for number in range(100)))
    both = merged(many, ONE)

    assert len(both.references) == 64
    assert both.references[0].name == "docker.io/a/a:99"


def test_what_layers_told_stays() -> None:
    """Who learnt the configuration anew knows nothing of layers."""
    both = merged(replace(ONE, commands=(LOOKED,), last_used=at(5)), ONE)

    assert both.commands == (LOOKED,)
    assert both.last_used == at(5)
    assert both.revision == ONE.revision


def test_a_newer_look_counts() -> None:
    """Of one command line, what was told last."""
    again = replace(LOOKED, language="java")
    both = merged(replace(ONE, commands=(LOOKED,)), replace(ONE, commands=(again,)))

    assert both.commands == (again,)


def test_platforms() -> None:
    """Each replica asks for its pods' platforms: together they know more."""
    arm = profile("one", PYTHON, platform="linux/arm64")

    assert [one.platform for one in merged(ONE, arm).platforms] == ["linux/amd64", "linux/arm64"]


def test_lacking() -> None:
    """What either was asked for in vain, unless the other has it; a tag's news says it, too."""
    arm = profile("one", PYTHON, platform="linux/arm64")
    both = merged(replace(ONE, lacking=("linux/arm64", "linux/s390x")), arm)
    assert both.lacking == ("linux/s390x",)

    bare = replace(ONE, platforms=(), lacking=("linux/riscv64",))
    assert merged(both, bare).lacking == ("linux/riscv64", "linux/s390x")


def test_a_newer_revision() -> None:
    """Its platforms replace the older code's; nothing older is left, so it counts as new."""
    newer = replace(profile("one", JAVA), revision=REVISION + 1)

    for both in (merged(ONE, newer), merged(newer, ONE)):
        assert both.platforms == newer.platforms
        assert both.learnt == newer.learnt
        assert both.revision == REVISION + 1


def test_what_is_left_of_an_older_revision() -> None:
    """Is kept and used, and the whole is to be learnt anew."""
    newer = replace(profile("one", JAVA, platform="linux/arm64"), revision=REVISION + 1)

    for both in (merged(ONE, newer), merged(newer, ONE)):
        assert {one.platform for one in both.platforms} == {"linux/amd64", "linux/arm64"}
        assert both.revision == REVISION
    looked, bare = replace(ONE, commands=(LOOKED,)), replace(ONE, revision=REVISION + 1)
    assert merged(looked, bare).revision == REVISION


def test_only_a_tag() -> None:
    """A profile without platforms adds its references and says nothing else."""
    bare = replace(renamed(ONE, ("a/a:1", 50)), platforms=(), learnt=replace(ONE.learnt, by="x"))
    both = merged(ONE, bare)

    assert both == renamed(ONE, ("a/a:1", 50), ("shop/cart:1", 10))
