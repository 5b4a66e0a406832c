#!/usr/bin/env node
// Changesets with the command line among the packages: `npm run changeset`, `npm run changeset -- version`. It looks for
// packages in the workspaces, and npm would link the root into itself if it stood there for good.
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const at = path => fileURLToPath(new URL(`../${path}`, import.meta.url))
const manifest = at('package.json')
const withWorkspaces = workspaces => {
  const text = readFileSync(manifest, 'utf8')
  const shown = JSON.stringify(workspaces, null, 2).replaceAll('\n', '\n  ')
  writeFileSync(manifest, text.replace(/"workspaces": \[[^\]]*\]/, `"workspaces": ${shown}`))
}

const { workspaces } = JSON.parse(readFileSync(manifest, 'utf8'))
try {
  withWorkspaces(['.', ...workspaces])
  const cli = fileURLToPath(import.meta.resolve('@changesets/cli/bin.js'))
  const { status } = spawnSync(process.execPath, [cli, ...process.argv.slice(2)], {
    cwd: at(''),
    stdio: 'inherit',
  })
  process.exitCode = status ?? 1
} finally {
  withWorkspaces(workspaces)
}
