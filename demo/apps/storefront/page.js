'use strict';

const ESCAPES = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escape = (text) => String(text).replace(/[&<>"']/g, (character) => ESCAPES[character]);

const money = (amount, currency) => `${currency} ${amount.toFixed(2)}`;

function row(product) {
  const left = product.available === null ? 'ask us' : `${product.available} left`;
  return `<tr><td>${escape(product.name)}</td>
    <td>${escape(money(product.price, product.currency))}</td>
    <td>${escape(left)}</td>
    <td><button data-sku="${escape(product.sku)}">Buy</button></td></tr>`;
}

/** The shop's only page: what there is, what it costs, and a button to buy it. */
function page(greeting, products) {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>The shop</title>
<style>
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 42rem; margin: 3rem auto; padding: 0 1rem; }
  table { border-collapse: collapse; width: 100%; }
  td { border-bottom: 1px solid #ddd; padding: .5rem; }
  td:nth-child(2) { text-align: right; white-space: nowrap; }
  output { display: block; margin-top: 1rem; min-height: 1.5rem; }
</style>
<h1>${escape(greeting)}</h1>
<table>${products.map(row).join('\n')}</table>
<output></output>
<script>
  const said = document.querySelector('output');
  document.addEventListener('click', async (event) => {
    const sku = event.target.dataset.sku;
    if (!sku) return;
    const response = await fetch('/api/checkout', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ items: [{ sku, quantity: 1 }] }),
    });
    const answer = await response.json();
    said.textContent = response.ok ? 'Order ' + answer.order + ': ' + answer.total + ' ' + answer.currency : answer.error;
  });
</script>
</html>`;
}

module.exports = { page };
