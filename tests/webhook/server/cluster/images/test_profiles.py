"""What is known of images: from the watch, and from what this replica learnt itself."""

import pytest

from tests.webhook.server.cluster.images.stage import (
    JAVA,
    PYTHON,
    at,
    digest,
    profile,
    renamed,
)
from tests.webhook.server.cluster.images.storing import OTHER, TAG, Stage, item
from webhook.images.profile import Profile
from webhook.images.reference import canonical
from webhook.server.cluster import profiles as store
from webhook.settings import ImageInspectionSettings


@pytest.fixture
def stage() -> Stage:
    """An empty store."""
    return Stage()


def test_by_digest_and_by_tag(stage: Stage) -> None:
    """A digest is known under any name, a platform's too; a tag as long as it is young."""
    one = profile("one", PYTHON, (TAG, 0))
    stage.profiles.replaced([item(one)])

    assert stage.language(f"shop/cart@{one.digest}") == "python"
    assert stage.language(f"elsewhere.example/copy@{one.digest}") == "python"
    assert stage.language(f"shop/cart@{one.platforms[0].digest}") == "python"
    assert stage.language(TAG) == "python"
    assert stage.language(OTHER) == ""
    assert len(stage.profiles) == 1
    assert sorted(stage.profiles.known) == sorted([TAG, one.digest, one.platforms[0].digest])
    assert len(stage.profiles.known) == 3
    assert stage.recording.metric("spanhook_images_known") == 2


def test_a_tag_grows_old(stage: Stage) -> None:
    """After `tagAge` it is unknown, and yet the best guess; another age holds at once."""
    stage.profiles.replaced([item(profile("one", PYTHON, (TAG, 0)))])
    stage.now += 3600

    assert stage.language(TAG) == ""
    assert stage.profiles.stale(TAG) is not None
    assert TAG not in list(stage.profiles.known)
    stage.profiles.take(ImageInspectionSettings(tag_age=7200))
    assert stage.language(TAG) == "python"
    assert stage.profiles.stale(OTHER) is None


def test_a_tag_that_moved(stage: Stage) -> None:
    """Who saw it last is believed, in whatever order profiles come; when that goes, the other."""
    new, old = profile("new", JAVA, (TAG, 20)), profile("old", PYTHON, (TAG, 10))
    stage.profiles.replaced([item(new), item(old)])
    assert stage.language(TAG) == "java"
    stage.profiles.changed(item(renamed(old, (TAG, 30))))
    assert stage.language(TAG) == "python"
    stage.profiles.changed(item(renamed(old)))
    assert stage.language(TAG) == "java"
    stage.profiles.removed(item(new))
    assert stage.language(TAG) == ""
    assert stage.profiles.stale(TAG) is None


def test_times_that_have_not_come(stage: Stage) -> None:
    """A little ahead is another replica's clock; far ahead is nobody's word, nor a tag for ever."""
    stage.profiles.replaced(
        [item(profile("far", JAVA, (TAG, 1e9))), item(profile("now", PYTHON, (TAG, -60)))]
    )
    assert stage.language(TAG) == "python"
    stage.profiles.changed(item(profile("near", JAVA, (TAG, 100))))
    assert stage.language(TAG) == "java"


def test_a_clock_that_was_ahead(stage: Stage) -> None:
    """Ours or another's: what it left behind gives way to what is seen now, in any order."""
    one = profile("one", PYTHON, (TAG, 86_400))
    stage.now += 86_400
    stage.profiles.replaced([item(one)])
    assert stage.language(TAG) == "python"
    stage.now -= 86_400
    assert stage.language(TAG) == "", "no tag for a day and an hour"
    now = Profile(one.digest, renamed(one, (TAG, 0)).references, (), (), one.learnt)
    stage.profiles.learnt(now)
    assert stage.language(TAG) == "python"
    stage.profiles.changed(item(one))
    assert stage.language(TAG) == "python", "the watch tells of the wrong time once more"
    stage.profiles.changed(item(profile("other", JAVA, (TAG, 10))))
    assert stage.language(TAG) == "java"


def test_a_new_list(stage: Stage) -> None:
    """After a lost watch, what is not listed any more is gone."""
    one, two = profile("one", PYTHON, (TAG, 0)), profile("two", JAVA, (OTHER, 0))
    known = stage.profiles.known
    stage.profiles.replaced([item(one), item(two)])
    stage.profiles.replaced([item(two)])

    assert stage.profiles.known is known
    assert (stage.language(TAG), stage.language(OTHER)) == ("", "java")
    assert not stage.profiles.has(one.digest)
    stage.profiles.forget()
    assert stage.language(OTHER) == "java"


def test_a_platform_of_what_was_learnt_here(stage: Stage) -> None:
    """Follows the watch, too."""
    one = profile("one", PYTHON)
    part = f"shop/cart@{one.platforms[0].digest}"
    stage.profiles.learnt(one)
    ours = stage.profiles.known[part]
    stage.profiles.changed(item(one))

    assert stage.profiles.known[part] is stage.profiles.known[f"shop/cart@{one.digest}"]
    assert stage.profiles.known[part] is not ours


def test_learnt_here(stage: Stage) -> None:
    """What we learnt is known before the watch tells it, also after a list that has it not yet."""
    one = profile("one", PYTHON, (TAG, 0))
    stage.profiles.learnt(one)
    assert stage.language(TAG) == "python"
    stage.profiles.replaced([])
    assert stage.language(TAG) == "python"
    stage.profiles.changed(item(one))
    stage.profiles.removed(item(one))
    assert stage.language(TAG) == "", "who deletes a profile wants it learnt anew"
    assert not stage.profiles.has(one.digest)


def test_deleted_before_it_was_watched(stage: Stage) -> None:
    """A deletion goes for what we learnt ourselves, too."""
    one = profile("one", PYTHON, (TAG, 0))
    stage.profiles.learnt(one)
    stage.profiles.removed(item(one))

    assert stage.language(TAG) == ""
    assert stage.language(f"shop/cart@{one.digest}") == ""
    assert len(stage.profiles.known) == 0


def test_a_tag_learnt_of_a_known_image(stage: Stage) -> None:
    """Only the tag is news: the image stays the watch's, an older word of it takes nothing back."""
    one = profile("one", PYTHON, (TAG, 0))
    stage.profiles.replaced([item(one)])
    bare = Profile(one.digest, renamed(one, (TAG, 50), (OTHER, 50)).references, (), (), one.learnt)
    stage.profiles.learnt(bare)
    stage.profiles.changed(item(renamed(one, (TAG, 10))))
    stage.now += 3640

    assert (stage.language(TAG), stage.language(OTHER)) == ("python", "python")
    stage.profiles.changed(item(renamed(one, (TAG, 3640), (OTHER, 3640))))
    stage.now += 3000
    assert (stage.language(TAG), stage.language(OTHER)) == ("python", "python")


def test_what_was_learnt_here_is_bounded(stage: Stage) -> None:
    """Where nothing may be written, the oldest goes: memory is for what pods need now."""
    for number in range(1_200):
        stage.profiles.learnt(profile(str(number), PYTHON, (f"shop/app{number}:1", 0)))

    assert len(stage.profiles.known) <= 3_000
    assert stage.language(canonical("shop/app0:1")) == ""
    assert stage.language(canonical("shop/app1199:1")) == "python"


def test_more_profiles_than_memory_is_for(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest is left out, said once and counted; what is known follows the watch as ever."""
    monkeypatch.setattr(store, "_WATCHED", 2)
    one, two, three = (profile(text, PYTHON, (f"shop/{text}:1", 0)) for text in "abc")
    stage.profiles.replaced([item(one), item(two), item(three)])
    stage.profiles.changed(item(three))
    stage.profiles.changed(item(renamed(one, (TAG, 0))))

    assert len(stage.profiles) == 2
    assert stage.language(TAG) == "python"
    assert stage.language(canonical("shop/c:1")) == ""
    assert stage.recording.metric("spanhook_image_profiles_beyond_total") == 2
    assert len(stage.recording.lines) == 1
    stage.profiles.learnt(three)
    stage.profiles.changed(item(three))
    assert stage.language(canonical("shop/c:1")) == "python", "what we learnt ourselves stays"
    stage.profiles.removed(item(one))
    stage.profiles.changed(item(three))
    assert len(stage.profiles) == 2


def test_nothing_of_the_document_is_held() -> None:
    """The object that was decoded keeps the value and nothing else."""
    one = item(profile("one", PYTHON, (TAG, 0)))

    assert (one.spec, one.status, one.problem) == (None, None, "")
    assert one.profile == profile("one", PYTHON, (TAG, 0))
    assert one.digest == digest("one")


def test_equal_parts_are_one(stage: Stage) -> None:
    """Ten thousand images say much the same: once is enough."""
    made = [
        item(
            profile(
                str(number),
                PYTHON
                | {
                    "config": {
                        "Cmd": ["python3", "/app.py"],
                        "Env": ["PYTHON_VERSION=3.12.1", "PATH=/usr/bin"],
                    }
                },
            )
        )
        for number in range(2)
    ]
    stage.profiles.replaced(made)
    one, two = (stage.profiles.known[f"shop/cart@{digest(str(number))}"] for number in range(2))

    assert one.evidence
    assert one.evidence is two.evidence
    assert one.cmd is two.cmd
    assert one.environment is two.environment


def test_a_view_of_what_is_not_known(stage: Stage) -> None:
    """A profile that is on nobody's list is read as decisions would."""
    one = profile("one", JAVA)

    assert stage.profiles.view(one).cmd[0] == "java"
    assert not stage.profiles.has(one.digest)
    assert at() == at(0)
