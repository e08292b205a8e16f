from nodeagent.cluster.heartbeats import Heartbeats


def test_who_is_silent_for_too_long_is_late() -> None:
    """A minute, unless it said that it would take longer; who speaks again is well."""
    now = [0.0]
    beats = Heartbeats(lambda: now[0])
    assert beats.late() == {}
    beats.beat("watch")
    beats.beat("observe", within=200)

    now[0] = 60
    assert beats.late() == {}
    now[0] = 70
    assert beats.late() == {"watch": 10}
    now[0] = 201
    assert beats.late() == {"watch": 141, "observe": 1}
    beats.beat("watch")
    assert beats.late() == {"observe": 1}
