import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Capabilities } from '@agentctl/contract'
import { describe, expect, it } from 'vitest'
import { capabilities as aws } from '../../../plugins/aws/src/capabilities.ts'
import { capabilities as azure } from '../../../plugins/azure/src/capabilities.ts'
import { capabilities as docker } from '../../../plugins/docker/src/capabilities.ts'
import { capabilities as gcp } from '../../../plugins/gcp/src/capabilities.ts'
import { capabilities as local } from '../../../plugins/local/src/capabilities.ts'
import { capabilities as qemu } from '../../../plugins/qemu/src/capabilities.ts'
import { plainTraits as sim } from '../../../plugins/sim/src/traits.ts'
import { coordinatorsIn } from '../../../src/providers/coordinators.ts'
import { knownCoordinators, knownProviders } from '../../../src/providers/known.ts'
import { providersIn } from '../../../src/providers/registry.ts'

const top = fileURLToPath(new URL('../../../', import.meta.url))
const shown = (one: Capabilities) => ({
  launchBatchMax: one.launchBatchMax,
  poweroff: one.poweroff,
  platformTtl: one.platformTtl,
  spot: one.spot,
  guests: one.guests,
})

function factsIn(file: string) {
  const pjson = JSON.parse(readFileSync(`${top}plugins/${file}`, 'utf8'))
  return { name: pjson.name, version: pjson.version, type: 'core', root: '', pjson }
}

function metadataIn(file: string) {
  const [entry] = providersIn([factsIn(file)])
  return entry
}

describe('capabilities in the package.json of', () => {
  it.each(Object.entries({ aws, azure, docker, gcp, local, qemu, sim }))(
    '%s are those of its code',
    (name, code) => {
      expect(metadataIn(`${name}/package.json`)?.capabilities).toEqual(shown(code))
    },
  )

  it('a provider that dev provider writes are those of its code', async () => {
    const { capabilities: template } = await import(`${top}plugins/devkit/template/src/capabilities.ts`)
    expect(metadataIn('devkit/template/package.template.json')?.capabilities).toEqual(shown(template))
  })
})

it.each(Object.entries(knownProviders))('what is known of %s without its plugin is true', (name, known) => {
  const entry = metadataIn(`${name}/package.json`)
  expect(known).toEqual({ plugin: entry?.plugin, capabilities: entry?.capabilities })
})

it.each(Object.entries(knownCoordinators))('what is known of the coordinator %s is true', (name, known) => {
  const [entry] = coordinatorsIn([factsIn(`${name}/package.json`)])
  expect(entry).toMatchObject({ coordinator: name, ...known })
})
