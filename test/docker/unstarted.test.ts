import { isInstance, type Provider } from '@agentctl/contract'
import { describe, expect, it } from 'vitest'
import { containerBody } from '../../plugins/docker/src/body.ts'
import { containerName } from '../../plugins/docker/src/labels.ts'
import { detailsOf } from '../../plugins/docker/src/spec.ts'
import { call, clock, request } from '../local/support.ts'
import { ask, sharedEngine } from './engine.ts'
import { bench, plainSpec } from './support.ts'

const engine = await sharedEngine()

async function statesIn(provider: Provider): Promise<readonly string[]> {
  const [scope] = provider.scopes([provider.parseSpec(plainSpec)])
  if (!scope) throw new Error('no scope')
  const all = await Array.fromAsync(provider.list(scope, {}, call()))
  return all.filter(isInstance).map(({ state }) => state)
}

describe.skipIf(engine.missing !== undefined)(`containers ${engine.missing ?? ''}`, () => {
  it('that their maker left behind, dead, are given up after half a minute, not after minutes', async test => {
    const { owner, provider, open } = await bench(engine, test)
    const wanted = await request(provider, 'true', { spec: plainSpec })
    const body = containerBody(owner, wanted, detailsOf(wanted.resolved), 0)
    const made = await ask(
      engine,
      'POST',
      `/containers/create?name=${containerName(wanted.launchId, 0)}`,
      body,
    )
    expect(made.status, made.text).toBe(201)
    const later = (seconds: number) =>
      open({ clock: { ...clock, now: () => clock.now() + seconds * 1000 } }).then(statesIn)
    expect(await statesIn(provider)).toEqual(['pending'])
    expect(await later(15)).toEqual(['pending'])
    expect(await later(35)).toEqual(['failed'])
  })
})
