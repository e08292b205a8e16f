from nodeagent.probes import PROBES
from nodeagent.spans.builders import BUILDERS


def test_every_probe_has_its_builder() -> None:
    """What a probe sees becomes a span; and there is no builder for nothing."""
    assert list(BUILDERS) == [probe.name for probe in PROBES]
