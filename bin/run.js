#!/usr/bin/env node
import { existsSync } from 'node:fs'
import module from 'node:module'

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 13)) {
  process.stderr.write(
    `agentctl needs Node.js 22.13 or newer; this is ${process.version} (${process.execPath})\n`,
  )
  process.exit(1)
}

// In a checkout every provider is there: those that are installed one by one are its development plugins.
if (existsSync(new URL('../src', import.meta.url))) process.env.NODE_ENV ??= 'development'

// What was compiled once is kept in the system's temporary folder: an eighth of a start's time.
module.enableCompileCache?.()

// A user without an entry, as in a container, has no shell by it, and oclif fails of asking for one.
process.env.SHELL ||= '/bin/sh'

// A static import would fail on an old Node before the message above.
const { execute } = await import('@oclif/core')

// A reader that went away, `head` or a terminal, wants no more of us, and is no failure of ours; oclif would throw.
const isAway = ({ code }) => code === 'EPIPE' || code === 'EIO'
process.stdout.removeAllListeners('error')
process.stdout.on('error', error => {
  if (isAway(error)) process.exit(process.exitCode ?? 0)
  throw error
})
// What was begun comes to its end also when nobody reads of it any more: results alone are printed to the other.
process.stderr.on('error', error => {
  if (!isAway(error)) throw error
})

await execute({ dir: import.meta.url })
