"""Spans for tests, made in one line."""

from demo.spans import Kind, Span, Status, Value


def span(
    span_id: str,
    parent: str = "",
    *,
    trace: str = "t",
    service: str = "storefront",
    kind: Kind = "internal",
    start: int = 0,
    end: int = 10,
    status: Status = "unset",
    **attributes: Value,
) -> Span:
    """A span; underscores in attribute names stand for dots."""
    named = {name.replace("_", "."): value for name, value in attributes.items()}
    return Span(trace, span_id, parent, service, f"span {span_id}", kind, start, end, status, named)


def checkout() -> list[Span]:
    """The promised trace: storefront, cart and prices, with internal spans between."""
    return [
        span("1", kind="server", start=0, end=100),
        span("2", "1", start=1, end=99),
        span("3", "2", kind="client", start=2, end=90),
        span("4", "3", service="cart", kind="server", start=10, end=80),
        span("5", "4", service="cart", start=11, end=79),
        span("6", "5", service="cart", kind="client", start=12, end=70),
        span("7", "6", service="prices", kind="server", start=20, end=60),
    ]
