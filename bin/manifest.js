#!/usr/bin/env node
// Writes oclif.manifest.json of the command line and of its plugins with commands, so that no command is loaded to
// be listed. Generated, never committed.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Plugin } from '@oclif/core'

const top = fileURLToPath(new URL('..', import.meta.url))
for (const folder of ['.', 'plugins/devkit']) {
  const root = join(top, folder)
  const plugin = new Plugin({ root, ignoreManifest: true, errorOnManifestCreate: true })
  await plugin.load()
  writeFileSync(join(root, 'oclif.manifest.json'), `${JSON.stringify(plugin.manifest)}\n`)
}
