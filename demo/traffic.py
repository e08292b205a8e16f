"""The shop's customers: a bounded number of visits, errors among them."""

import http.client
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from demo.ports import LOOPBACK

_SECONDS = 15


@dataclass(frozen=True, slots=True)
class Visit:
    """One request and the status that the whole shop answers it with."""

    title: str
    method: str
    path: str
    expected: int
    body: Any = None


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of a visit: 0 is no answer. `seconds` is how long it took."""

    visit: Visit
    status: int
    seconds: float
    text: str


def _order(*items: tuple[str, int]) -> dict[str, Any]:
    return {"items": [{"sku": sku, "quantity": quantity} for sku, quantity in items]}


CHECKOUT = Visit(
    "an order", "POST", "/api/checkout", 200, _order(("espresso-cup", 2), ("hand-grinder", 1))
)

VISITS = (
    Visit("the page", "GET", "/", 200),
    CHECKOUT,
    Visit("an article that is not sold", "POST", "/api/checkout", 404, _order(("unicorn", 1))),
    Visit("an empty cart", "POST", "/api/checkout", 400, _order()),
    CHECKOUT,
)


def send(port: int, rounds: int, host: str = LOOPBACK) -> Iterator[Seen]:
    """Visit the storefront, one after the other, `rounds` times through the list."""
    for _ in range(rounds):
        for visit in VISITS:
            yield _send(host, port, visit)


def _send(host: str, port: int, visit: Visit) -> Seen:
    connection = http.client.HTTPConnection(host, port, timeout=_SECONDS)
    body = None if visit.body is None else json.dumps(visit.body)
    started = time.monotonic()
    try:
        connection.request(visit.method, visit.path, body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        status, text = response.status, response.read().decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        status, text = 0, str(error)
    finally:
        connection.close()
    return Seen(visit, status, time.monotonic() - started, text)
