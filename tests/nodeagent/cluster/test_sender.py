from collections.abc import Sequence

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from nodeagent.cluster.sender import Sender
from webhook.settings import Settings


class _Receivers:
    """Makes exporters; `got` is what each address was sent, `ended` those that are shut down."""

    def __init__(self) -> None:
        self.got: dict[str, int] = {}
        self.ended: list[str] = []

    def __call__(self, endpoint: str) -> SpanExporter:
        return _To(self, endpoint)


class _To(SpanExporter):
    def __init__(self, receivers: _Receivers, endpoint: str) -> None:
        self._receivers, self._endpoint = receivers, endpoint

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Count them."""
        got = self._receivers.got
        got[self._endpoint] = got.get(self._endpoint, 0) + len(spans)
        return SpanExportResult.SUCCESS

    def shutdown(self) -> None:
        """Keep that."""
        self._receivers.ended.append(self._endpoint)


_SPANS = (ReadableSpan("one"), ReadableSpan("two"))


def test_the_settings_say_where_spans_go() -> None:
    """As they change; who was sent to before is let go of, and what changed is said once."""
    receivers, said = _Receivers(), list[str]()
    sender = Sender(None, said.append, {}, receivers)
    sender.take(Settings(endpoint="http://one:4318"))
    sender.export(_SPANS)
    sender.take(Settings(endpoint="http://two:4318/"))
    sender.take(Settings(endpoint="http://two:4318/", sampling_ratio=0.5))
    sender.export(_SPANS[:1])

    assert receivers.got == {"http://one:4318/v1/traces": 2, "http://two:4318/v1/traces": 1}
    assert receivers.ended == ["http://one:4318/v1/traces"]
    assert said == ["spans are sent to http://one:4318", "spans are sent to http://two:4318/"]


def test_an_address_that_was_given_stays() -> None:
    """Whatever the settings say."""
    receivers, said = _Receivers(), list[str]()
    sender = Sender("http://given:4318", said.append, {}, receivers)
    sender.take(Settings(endpoint="http://other:4318"))
    sender.export(_SPANS)

    assert receivers.got == {"http://given:4318/v1/traces": 2}
    assert said == []


@pytest.mark.parametrize(
    ("endpoint", "where"),
    [
        ("http://$(SPANHOOK_NODE_IP):4318", "http://10.0.0.7:4318"),
        ("http://$(UNKNOWN):4318", "http://$(UNKNOWN):4318"),
    ],
)
def test_variables_of_the_endpoint(endpoint: str, where: str) -> None:
    """As Kubernetes has them in the variables of containers: what is not known stays."""
    said: list[str] = []
    Sender(None, said.append, {"SPANHOOK_NODE_IP": "10.0.0.7"}, _Receivers()).take(
        Settings(endpoint=endpoint)
    )

    assert said == [f"spans are sent to {where}"]


def test_before_and_after_there_is_nowhere() -> None:
    """Then a batch fails, which is counted, and nothing is raised."""
    receivers = _Receivers()
    sender = Sender(None, lambda _: None, {}, receivers)
    before = sender.export(_SPANS)
    sender.take(Settings())
    sender.shutdown()
    sender.shutdown()

    assert before is SpanExportResult.FAILURE
    assert sender.export(_SPANS) is SpanExportResult.FAILURE
    assert receivers.ended == [f"{Settings().endpoint}/v1/traces"]
