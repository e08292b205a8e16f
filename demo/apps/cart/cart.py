"""The cart: takes an order, has every line priced, and sends one total back."""

import logging
import os
import uuid
from typing import Any

import requests
from flask import Flask, request

PRICES_URL = os.environ.get("PRICES_URL", "http://prices:8080")
CURRENCY = os.environ.get("CURRENCY", "EUR")
LARGEST_ORDER = int(os.environ.get("LARGEST_ORDER", "20"))
TIMEOUT = 5  # seconds

logging.basicConfig(level=os.environ.get("LOG_LEVEL", "INFO"), format="%(levelname)s %(message)s")
log = logging.getLogger("cart")

app = Flask(__name__)


class OrderError(Exception):
    """An order that cannot be taken; carries the HTTP status to answer with."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


@app.errorhandler(OrderError)
def refuse(error: OrderError) -> tuple[dict[str, str], int]:
    log.warning("refused: %s", error)
    return {"error": str(error)}, error.status


@app.errorhandler(requests.RequestException)
def unreachable(error: requests.RequestException) -> tuple[dict[str, str], int]:
    log.error("prices: %s", error)
    return {"error": "prices are not to be had at the moment"}, 502


@app.get("/healthz")
def healthz() -> dict[str, str]:
    return {"status": "ok"}


@app.get("/products")
def products() -> tuple[Any, int]:
    answer = requests.get(f"{PRICES_URL}/prices", params={"currency": CURRENCY}, timeout=TIMEOUT)
    return answer.json(), answer.status_code


@app.post("/checkout")
def checkout() -> dict[str, Any]:
    lines = [price(sku, quantity) for sku, quantity in wanted(request.get_json(silent=True))]
    order = uuid.uuid4().hex[:8]
    log.info("order %s: %d lines", order, len(lines))
    total = round(sum(line["total"] for line in lines), 2)
    return {"order": order, "currency": lines[0]["currency"], "total": total, "lines": lines}


def wanted(body: Any) -> list[tuple[str, int]]:
    """The (sku, quantity) pairs of an order. Raises OrderError where it is not one."""
    items = body.get("items") if isinstance(body, dict) else None
    if not isinstance(items, list) or not items:
        raise OrderError(400, "the cart is empty")
    try:
        pairs = [(str(item["sku"]), int(item.get("quantity", 1))) for item in items]
    except (AttributeError, KeyError, TypeError, ValueError):
        raise OrderError(400, "an item has a sku and a quantity") from None
    if any(quantity < 1 for _, quantity in pairs):
        raise OrderError(400, "a quantity is at least 1")
    if sum(quantity for _, quantity in pairs) > LARGEST_ORDER:
        raise OrderError(422, f"we send at most {LARGEST_ORDER} pieces at once")
    return pairs


def price(sku: str, quantity: int) -> dict[str, Any]:
    """One priced line. Raises OrderError where prices refuse it."""
    query = {"sku": sku, "quantity": str(quantity), "currency": CURRENCY}
    answer = requests.get(f"{PRICES_URL}/quote", params=query, timeout=TIMEOUT)
    if answer.status_code != 200:
        raise OrderError(answer.status_code, answer.json()["error"])
    line: dict[str, Any] = answer.json()
    return line
