import { chmodSync, copyFileSync, mkdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cacheFolder } from './engine.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = join(cacheFolder, 'guest')

/** Where the image has the agent; a script that runs the devkit's stand-in with this host's Node. */
export const guestAgent = '/opt/semaphore/agent/agent'

/**
 * The stand-in agent as one file. Its own waits are a tenth of the real agent's, so that 10 minutes without the hub
 * are one, and 30 refused registrations 3 s.
 */
export const agentScript = `#!/bin/sh
export AGENTCTL_DEV_AGENT_TIME_SCALE=\${AGENTCTL_DEV_AGENT_TIME_SCALE:-0.1}
exec /opt/devkit/node /opt/devkit/dist/agent/main.js "$@"
`

/** Puts what guests mount into the cache. Node is execute-only, as the guest's set-up makes an agent's binary. */
export function prepareGuest(): void {
  mkdirSync(folder, { recursive: true })
  const node = join(folder, 'node')
  if (sizeOf(node) !== sizeOf(process.execPath)) {
    rmSync(`${node}.new`, { force: true })
    copyFileSync(process.execPath, `${node}.new`)
    renameSync(`${node}.new`, node)
  }
  chmodSync(node, 0o711)
  writeFileSync(join(folder, 'agent'), agentScript, { mode: 0o755 })
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  writeFileSync(nothing, '')
  writeFileSync(hangingModule, 'import time\ntime.sleep(1000)\n')
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0
}

/** An empty file without rights: mounted over a command, the command is missing. */
export const nothing = join(folder, 'nothing')

/** A Python module that never ends: mounted over one of cloud-init's, its stage hangs. */
export const hangingModule = join(folder, 'hanging.py')

/** Mounts that every guest has; without `agent` the image has none at its place. */
export function guestMounts({ agent }: { agent: boolean }): readonly string[] {
  const yaml = dirname(createRequire(import.meta.url).resolve('yaml/package.json'))
  return [
    `${join(folder, 'node')}:/opt/devkit/node:ro`,
    `${join(folder, 'package.json')}:/opt/devkit/package.json:ro`,
    `${join(root, 'plugins/devkit/dist')}:/opt/devkit/dist:ro`,
    `${yaml}:/opt/devkit/node_modules/yaml:ro`,
    ...(agent ? [`${join(folder, 'agent')}:${guestAgent}:ro`] : []),
  ]
}
