// Starts OpenTelemetry's SDK with all instrumentations, for CommonJS and for ES modules.
//
// This stands in for the register file of @opentelemetry/auto-instrumentations-node, which listens for
// SIGTERM: a process without a handler of its own would then not end on it any more.
'use strict'

const { pathToFileURL } = require('url')
const module_ = require('module')

// The default asks the metadata services of five clouds over the network; the pod's identity comes in
// OTEL_RESOURCE_ATTRIBUTES.
const DETECTORS = 'env,host,os,process'

// Sent to the application's own handlers while it may still be alive for a moment.
const LAST_SIGNALS = ['SIGTERM', 'SIGINT']

function withDefault (name, value, call) {
  if (process.env[name] !== undefined) return call()
  process.env[name] = value
  try {
    return call()
  } finally {
    delete process.env[name]
  }
}

function hookedModules (instrumentations) {
  return instrumentations
    .filter(one => typeof one.getModuleDefinitions === 'function')
    .flatMap(one => one.getModuleDefinitions().map(definition => definition.name))
}

// ES modules are wrapped by hooks of the loader. Where Node.js runs such hooks in the application's own
// thread that is used: no second thread, and module.register() warns since Node.js 26.
function hookModules (names) {
  const hooks = require.resolve('import-in-the-middle/hook.mjs')
  const options = { include: [...new Set(names)] }
  const { supportsSyncHooks } = syncHooks()
  if (supportsSyncHooks()) {
    // import-in-the-middle 3.6 makes `node -e` and `node -p` fail with ENOENT on 'module'. Such code is
    // CommonJS but for --input-type=module, and needs no hooks.
    if (process._eval !== undefined) return
    require('import-in-the-middle/register-hooks.mjs').register(options)
  } else {
    module_.register(pathToFileURL(hooks).href, { data: options })
  }
}

function syncHooks () {
  if (typeof module_.registerHooks !== 'function') return { supportsSyncHooks: () => false }
  return require('import-in-the-middle/supports-sync-hooks.mjs')
}

// No listener is added for a signal: a listener changes what the signal does, and libraries count them.
// The call is looked at on its way to the application's listeners, and the spans leave in parallel.
function flushOnSignals (flush) {
  const emit = process.emit
  process.emit = function (name) {
    if (LAST_SIGNALS.includes(name)) flush()
    return Reflect.apply(emit, this, arguments)
  }
}

function start () {
  const { NodeSDK } = require('@opentelemetry/sdk-node')
  const upstream = require('@opentelemetry/auto-instrumentations-node')
  const instrumentations = upstream.getNodeAutoInstrumentations()
  const resourceDetectors = withDefault(
    'OTEL_NODE_RESOURCE_DETECTORS', DETECTORS, upstream.getResourceDetectors)
  hookModules(hookedModules(instrumentations))
  const sdk = new NodeSDK({ instrumentations, resourceDetectors })
  sdk.start()
  const quietly = call => () => { call().catch(() => {}) }
  process.once('beforeExit', quietly(() => sdk.shutdown()))
  flushOnSignals(quietly(() => flushAll()))
}

async function flushAll () {
  const { trace, metrics } = require('@opentelemetry/api')
  const providers = [trace.getTracerProvider(), metrics.getMeterProvider()]
  await Promise.all(providers.map(one => {
    const provider = typeof one.getDelegate === 'function' ? one.getDelegate() : one
    return typeof provider.forceFlush === 'function' ? provider.forceFlush() : undefined
  }))
}

module.exports = { start }
