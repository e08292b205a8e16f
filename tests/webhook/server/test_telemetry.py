import base64
from datetime import UTC, datetime

import pytest

from webhook.model import Decided, Inject, Outcome, Skip, Target
from webhook.reasons import Reason
from webhook.server.reviewer import Answer
from webhook.server.telemetry import Telemetry, patch_bytes

TARGET = Target("containers", 0, {"name": "app"}, "app")


def lines(telemetry: Telemetry) -> list[str]:
    """All metrics that are not comments."""
    return [
        line for line in telemetry.exposition().decode().splitlines() if not line.startswith("#")
    ]


@pytest.mark.parametrize("size", [0, 1, 2, 3, 4, 1000, 1001, 1002])
def test_patch_size(size: int) -> None:
    """The size is that of the patch before base64, whatever its padding."""
    patch = base64.b64encode(b"x" * size)

    assert patch_bytes(b'{"response":{"patch":"' + patch + b'","uid":"=="}}') == size


def test_no_patch_has_no_size() -> None:
    """An answer without a patch counts as 0 bytes."""
    assert patch_bytes(b'{"response":{"uid":"u"}}') == 0


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        pytest.param(Answer(200, b'"patch":"AAAA"', outcome=Outcome()), "patched", id="patch"),
        pytest.param(Answer(200, b"", outcome=Outcome()), "unchanged", id="no patch"),
        pytest.param(Answer(200, b"", failure=KeyError()), "failed", id="failure"),
        pytest.param(Answer(400, b""), "rejected", id="no review"),
    ],
)
def test_outcomes(answer: Answer, outcome: str) -> None:
    """Each answer counts once, under what came out."""
    telemetry = Telemetry()

    telemetry.reviewed(answer, 0.001)

    assert [f'spanhook_admission_requests_total{{outcome="{outcome}"}} 1.0'] == [
        line for line in lines(telemetry) if "requests_total" in line and line.endswith(" 1.0")
    ]


def test_every_decision_counts() -> None:
    """Decisions count by kind, language and reason."""
    telemetry = Telemetry()
    decided = (
        Decided(TARGET, Inject("java")),
        Decided(TARGET, Inject("java")),
        Decided(TARGET, Skip(Reason.KNOWN_SIDECAR)),
        Decided(TARGET, Skip(Reason.LIBC_UNKNOWN, language="dotnet")),
    )

    telemetry.reviewed(Answer(200, b"", outcome=Outcome(decisions=decided)), 0.001)

    assert {
        'spanhook_decisions_total{decision="inject",language="java",reason=""} 2.0',
        'spanhook_decisions_total{decision="skip",language="",reason="KnownSidecar"} 1.0',
        'spanhook_decisions_total{decision="skip",language="dotnet",reason="LibcUnknown"} 1.0',
    } == {line for line in lines(telemetry) if line.startswith("spanhook_decisions_total")}


def test_latency_is_in_seconds_from_a_quarter_millisecond() -> None:
    """A usual review falls into one of the first buckets."""
    telemetry = Telemetry()

    telemetry.reviewed(Answer(200, b""), 0.0002)

    assert 'spanhook_admission_duration_seconds_bucket{le="0.00025"} 1.0' in lines(telemetry)


def test_certificate_expiry_is_unix_time() -> None:
    """The expiry can be alerted on by comparing with time()."""
    telemetry = Telemetry()

    telemetry.certificate(datetime(2027, 1, 1, tzinfo=UTC))

    assert "spanhook_certificate_expiry_timestamp_seconds 1.7987616e+09" in lines(telemetry)


def test_two_servers_in_one_process_do_not_share() -> None:
    """Each has a registry of its own."""
    one, other = Telemetry(), Telemetry()

    one.rejected("slow")

    assert 'spanhook_admission_rejected_total{why="slow"} 1.0' in lines(one)
    assert not [line for line in lines(other) if "rejected_total{" in line]
