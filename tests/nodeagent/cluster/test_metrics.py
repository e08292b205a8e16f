from nodeagent.cluster.metrics import Measure, Measures, value


def test_measures_are_read_when_they_are_asked_for() -> None:
    """Counters and gauges, with labels and without."""
    seen = [0.0]
    measures = Measures()
    measures.add(Measure("sent", "What was sent.", value(lambda: seen[0]), counts=True))
    page = measures.page()
    measures.add(
        Measure("state", "Each state.", lambda: [(("a", "on"), 1), (("b", "off"), 2)], ("x", "y"))
    )
    seen[0] = 7

    text = page().body.decode()

    assert "# TYPE spanhook_node_agent_sent_total counter" in text
    assert "spanhook_node_agent_sent_total 7.0" in text
    assert 'spanhook_node_agent_state{x="a",y="on"} 1.0' in text
    assert 'spanhook_node_agent_state{x="b",y="off"} 2.0' in text
    assert "process_resident_memory_bytes" in text
    assert page().kind.startswith("text/plain; version=")
