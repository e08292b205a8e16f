'use strict';

const base = process.env.CART_URL || 'http://cart:8080';

/** Asks the cart. Resolves to {status, body}; rejects when it cannot be reached within five seconds. */
async function cart(method, path, body) {
  const response = await fetch(base + path, {
    method,
    headers: { 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: AbortSignal.timeout(5000),
  });
  return { status: response.status, body: await response.json() };
}

module.exports = { cart };
