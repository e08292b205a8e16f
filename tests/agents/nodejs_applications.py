"""Small Node.js applications without telemetry code; the suffix says the kind of module."""

_CJS = {
    "express": "const express = require('express')\n",
    "fastify": "const fastify = require('fastify')\n",
    "http": "const { createServer } = require('http')\n",
}

_ESM = {
    "express": "import express from 'express'\n",
    "fastify": "import fastify from 'fastify'\n",
    "http": "import { createServer } from 'node:http'\n",
}

_BODIES = {
    "express": """
const app = express()
app.get('/hello/:name', (request, response) => { response.send(String(process.pid)) })
const server = app.listen(Number(process.env.PORT), '127.0.0.1')
""",
    "fastify": """
const app = fastify()
app.get('/hello/:name', async () => String(process.pid))
app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' })
const server = app.server
""",
    "http": """
const server = createServer((request, response) => { response.end(String(process.pid)) })
server.listen(Number(process.env.PORT), '127.0.0.1')
""",
}

# The server span's name; fastify has its own package for routes, upstream's stops at HTTP.
SPANS = {"express": "GET /hello/:name", "fastify": "GET", "http": "GET"}

# An application's own way to end: no other exit code, no earlier end.
HANDLER = """
process.on('SIGTERM', () => {
  console.error('handlers: ' + process.listenerCount('SIGTERM'))
  server.close(() => { process.exitCode = 3 })
  server.closeAllConnections()
})
"""


def source(framework: str, suffix: str) -> str:
    """Return the text of `app.<suffix>`, `suffix` being cjs or mjs."""
    return (_CJS if suffix == "cjs" else _ESM)[framework] + _BODIES[framework]
