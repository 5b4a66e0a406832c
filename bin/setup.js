#!/usr/bin/env node
// Makes a checkout ready: installs what the lock file names, builds what changed. Runs on any Node from 18 on.
import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const at = path => fileURLToPath(new URL(`../${path}`, import.meta.url))
const changedAt = path => (existsSync(at(path)) ? statSync(at(path)).mtimeMs : 0)

function run(command, ...args) {
  const { error, status } = spawnSync(command, args, { cwd: at(''), stdio: 'inherit' })
  if (error) process.stderr.write(`${command}: ${error.message}\n`)
  if (status !== 0) process.exit(status ?? 1)
}

/** The npm that the user called, on its own Node: those in node_modules are what `npm ci` deletes. */
function npm(...args) {
  const { npm_execpath: cli = '', npm_node_execpath: node = '' } = process.env
  const command = existsSync(cli) && existsSync(node) ? [node, cli] : ['npm']
  run(...command, ...args, '--prefer-offline', '--loglevel=error')
}

// npm writes its hidden lock file last, so an interrupted install counts as none.
if (changedAt('node_modules/.package-lock.json') < changedAt('package-lock.json')) {
  npm('ci', '--ignore-scripts')
}

// The node package is the one whose install script matters, and only where the installed Node is old.
const [major, minor] = process.versions.node.split('.').map(Number)
const isOld = major < 22 || (major === 22 && minor < 13)
const bundled = at('node_modules/node/bin/node')
if ((isOld && !existsSync(bundled)) || !existsSync(process.execPath)) {
  npm('rebuild', 'node', '--ignore-scripts=false')
}

const node = existsSync(bundled) ? bundled : process.execPath
run(node, at('node_modules/typescript/bin/tsc'), '-b')

const builtAt = Math.max(changedAt('dist/.tsbuildinfo'), changedAt('plugins/devkit/dist/.tsbuildinfo'))
if (changedAt('oclif.manifest.json') < Math.max(builtAt, changedAt('package.json')))
  run(node, at('bin/manifest.js'))
