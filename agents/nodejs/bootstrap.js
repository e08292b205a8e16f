// Entry point of the agent, loaded by `--require` before the application.
//
// Every Node.js accepts --require, so this file may meet any of them: it must parse on Node.js 6
// (no destructuring of defaults, no optional catch, no `?.`) and decide by itself. What needs a
// modern Node.js stands in start.js, which is read only after the check.
'use strict'

var LOADED = Symbol.for('spanhook.agent.nodejs')

// The oldest runtimes with module.register(), without which an ES module cannot be instrumented.
var OLDEST = [[18, 19], [20, 6]]

// Package managers start the application as a child process, which inherits NODE_OPTIONS: the agent
// belongs into the child. argv[1] may still be the link in bin/, so both spellings are listed.
var PACKAGE_MANAGERS = /^(npm|npx|pnpm|pnpx|yarn|yarnpkg|corepack)(-cli|-[0-9][^/]*)?(\.[cm]?js)?$/

function supported (version) {
  var parts = version.split('.').map(Number)
  if (parts[0] > OLDEST[1][0]) return true
  return OLDEST.some(function (oldest) {
    return parts[0] === oldest[0] && parts[1] >= oldest[1]
  })
}

// Before Node.js 23 the thread of the module hooks runs the --require files too; an agent in it costs
// 65 MB and traces nothing. It is the one thread that is not the main one and has no parent port.
function isHooksThread () {
  var threads = require('worker_threads')
  return !threads.isMainThread && threads.parentPort === null
}

function isPackageManager (script) {
  return script !== undefined && PACKAGE_MANAGERS.test(require('path').basename(script))
}

// One write, one line: two processes may share the stream.
function off (reason) {
  process.stderr.write('spanhook: Node.js agent off: ' + String(reason).split('\n')[0] + '\n')
}

function load () {
  if (global[LOADED]) return
  Object.defineProperty(global, LOADED, { value: true })
  if (isPackageManager(process.argv[1])) return
  if (!supported(process.versions.node)) {
    off('Node.js ' + process.versions.node + ' is older than 18.19 (of the 20 line, 20.6)')
    return
  }
  if (isHooksThread()) return
  require('./start.js').start()
}

try {
  load()
} catch (error) {
  off((error && error.message) || error)
}
