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

// A reader that went away, such as `head`, wants no more of us, and is no failure of ours.
process.stdout.on('error', error => {
  if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0)
  throw error
})

// In a checkout every provider is there: those that are installed one by one are its development plugins.
if (existsSync(new URL('../src', import.meta.url))) process.env.NODE_ENV ??= 'development'

// What was compiled once is kept in the system's temporary folder: an eighth of a start's time.
module.enableCompileCache?.()

// A static import would fail on an old Node before the message above.
const { execute } = await import('@oclif/core')
await execute({ dir: import.meta.url })
