import pytest

from nodeagent.spans.sampling import ratio, refusal

_TOLD = 0.5


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({}, ""),
        ({"OTEL_SDK_DISABLED": "True"}, "OTEL_SDK_DISABLED=true"),
        ({"OTEL_SDK_DISABLED": "1"}, ""),
        ({"OTEL_TRACES_EXPORTER": "none"}, "OTEL_TRACES_EXPORTER=none"),
        ({"OTEL_TRACES_EXPORTER": "otlp"}, ""),
        ({"OTEL_TRACES_SAMPLER": "always_off"}, "OTEL_TRACES_SAMPLER=always_off"),
        ({"OTEL_TRACES_SAMPLER": "parentbased_always_off"}, ""),
    ],
)
def test_a_process_may_refuse(environ: dict[str, str], expected: str) -> None:
    """By the variables that SDKs read, and what said so is known."""
    assert refusal(environ) == expected


@pytest.mark.parametrize(
    ("sampler", "argument", "expected"),
    [
        ("", "0.1", _TOLD),
        ("xray", "0.1", _TOLD),
        ("always_on", "0.1", 1.0),
        ("parentbased_always_on", "", 1.0),
        ("parentbased_always_off", "", 0.0),
        ("traceidratio", "0.1", 0.1),
        (" ParentBased_TraceIdRatio ", "0", 0.0),
        ("traceidratio", "", 1.0),
        ("traceidratio", "a tenth", 1.0),
        ("traceidratio", "7", 1.0),
        ("traceidratio", "nan", 1.0),
    ],
)
def test_a_process_may_say_how_much(sampler: str, argument: str, expected: float) -> None:
    """Its own sampler wins over what we were told; without a good argument it is everything."""
    environ = {"OTEL_TRACES_SAMPLER": sampler, "OTEL_TRACES_SAMPLER_ARG": argument}

    assert ratio(environ, _TOLD) == expected
