'use strict';

const express = require('express');

const { cart } = require('./cart');
const { page } = require('./page');

const [host, port] = (process.env.LISTEN || '0.0.0.0:8080').split(':');
const greeting = process.env.GREETING || 'Welcome';

const app = express();
app.use(express.json({ limit: '64kb' }));

app.get('/healthz', (request, response) => {
  response.json({ status: 'ok' });
});

app.get('/', async (request, response) => {
  const answer = await cart('GET', '/products');
  response.status(answer.status).type('html').send(page(greeting, answer.body.products || []));
});

app.post('/api/checkout', async (request, response) => {
  const answer = await cart('POST', '/checkout', request.body);
  response.status(answer.status).json(answer.body);
});

app.use((request, response) => {
  response.status(404).json({ error: `there is no ${request.path} here` });
});

// Express knows an error handler by its four parameters.
app.use((error, request, response, next) => {
  const status = error.status || 502;
  console.error(JSON.stringify({ level: 'error', path: request.path, message: error.message }));
  response.status(status).json({ error: error.message });
});

app.listen(Number(port), host, () => {
  console.log(JSON.stringify({ level: 'info', message: `listening on ${host}:${port}` }));
});
