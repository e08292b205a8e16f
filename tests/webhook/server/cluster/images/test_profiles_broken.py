"""Objects of ours that somebody else wrote: what cannot be read is left out, and said."""

from typing import Any

import pytest

from tests.webhook.server.cluster.images.stage import (
    JAVA,
    PYTHON,
    digest,
    profile,
)
from tests.webhook.server.cluster.images.storing import OTHER, TAG, Stage, decoded, item
from webhook.images.profile import name, write


@pytest.fixture
def stage() -> Stage:
    """An empty store."""
    return Stage()


GOOD = write(profile("one", PYTHON, (TAG, 0)))
BAD: dict[str, dict[str, Any]] = {
    "empty": {},
    "no status": {"spec": GOOD["spec"]},
    "another name": GOOD | {"metadata": {"name": name(digest("three"))}},
    "a string for a list": GOOD | {"spec": GOOD["spec"] | {"references": "x"}},
    "no time": GOOD
    | {"spec": GOOD["spec"] | {"references": [{"name": "x", "resolved": "yesterday"}]}},
    "a list for an object": GOOD | {"status": []},
    "null": GOOD | {"status": None, "spec": None},
    "deep": GOOD | {"status": {"platforms": [[[[[[[[[[]]]]]]]]]]}},
}


@pytest.mark.parametrize("document", BAD.values(), ids=BAD.keys())
def test_an_object_that_cannot_be_read(document: dict[str, Any], stage: Stage) -> None:
    """Is left out, said once and counted; the others are known, and what it was is not any more."""
    bad = {"metadata": {"name": name(digest("one"))}} | document
    two = profile("two", JAVA, (OTHER, 0))
    stage.profiles.replaced([decoded(GOOD), item(two)])
    stage.profiles.replaced([decoded(bad), item(two)])
    stage.profiles.changed(decoded(bad))

    assert (stage.language(TAG), stage.language(OTHER)) == ("", "java")
    assert stage.recording.metric("spanhook_image_profiles_bad_total") == 2
    (line,) = stage.recording.lines
    assert (line["level"], line["message"]) == ("warning", "ImageProfile left out")
    assert line["problem"]
