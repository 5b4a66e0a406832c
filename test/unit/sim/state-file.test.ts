import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ProviderDeps } from '@agentctl/contract'
import module, { createDice, createVirtualClock } from '@agentctl/provider-sim'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { callOf, listOf, requestOf } from './request.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'agentctl-sim-'))
})
afterEach(() => rm(folder, { recursive: true }))

// As far on as the clock on the wall, by which a lock left behind is judged.
const clock = createVirtualClock(4_000_000_000_000)

function deps(change: Partial<ProviderDeps> = {}): ProviderDeps {
  const log = { debug() {}, info() {}, warn() {} }
  const settings = { stateFile: join(folder, 'state', 'cloud.json') }
  return { owner: 'acme', settings, clock, random: createDice('deps'), log, env: {}, ...change }
}

describe('--provider sim', () => {
  it('keeps its machines from one command to the next', async () => {
    const first = await module.open(deps())
    const request = await requestOf({ clock }, first, 'one', { spec: { bootMs: 1000, jobMs: 5000 } })
    const { instances } = await clock.drive(first.launch(request, callOf(clock)))
    const second = await module.open(deps())
    const seen = async () => (await listOf({ clock }, second)).find(({ kind }) => kind === 'instance')
    expect(await seen()).toMatchObject({ id: instances[0]?.id, state: 'pending' })
    await clock.advance(2000)
    expect((await seen())?.state).toBe('running')
    await clock.advance(10_000)
    const stopped = await seen()
    expect(stopped?.state).toBe('stopped')
    if (stopped) await clock.drive(second.terminate(stopped, callOf(clock)))
    await clock.advance(5000)
    expect(await listOf({ clock }, await module.open(deps()))).toEqual([])
  })

  it('serves launches at the same time, and writes no user data down', async () => {
    const providers = await Promise.all([module.open(deps()), module.open(deps())])
    const [one] = providers
    const requests = await Promise.all(
      [1, 2, 3, 4].map(label => requestOf({ clock }, one, `secret ${label}`)),
    )
    await clock.drive(
      Promise.all(
        requests.flatMap(request => providers.map(provider => provider.launch(request, callOf(clock)))),
      ),
    )
    expect((await listOf({ clock }, one)).filter(({ kind }) => kind === 'instance')).toHaveLength(4)
    const text = await readFile(join(folder, 'state', 'cloud.json'), 'utf8')
    expect(text).not.toContain('secret')
    expect(text).not.toContain(Buffer.from('secret').toString('base64').slice(0, 6))
  })

  it('finds its file through settings, variable, or the state folder', async () => {
    const places: [Partial<ProviderDeps>, string][] = [
      [{ settings: undefined, env: { AGENTCTL_SIM_STATE: join(folder, 'a.json') } }, 'a.json'],
      [{ settings: undefined, env: { XDG_STATE_HOME: folder } }, 'agentctl/sim/cloud.json'],
      [{ settings: {}, env: { HOME: folder } }, '.local/state/agentctl/sim/cloud.json'],
    ]
    for (const [change, path] of places) {
      const provider = await module.open(deps(change))
      await listOf({ clock }, provider)
      expect(JSON.parse(await readFile(join(folder, path), 'utf8'))).toMatchObject({ sequence: 0 })
    }
  })

  it('refuses settings that it does not know, and a file that it cannot read', async () => {
    const wrong = { settings: { stateFile: 7, colour: 'red' } }
    await expect(module.open(deps(wrong))).rejects.toMatchObject({
      code: 'invalid-spec',
      problems: { length: 2 },
    })
    const stateFile = join(folder, 'broken.json')
    await writeFile(stateFile, 'not json')
    const provider = await module.open(deps({ settings: { stateFile } }))
    await expect(listOf({ clock }, provider)).rejects.toMatchObject({ code: 'internal' })
  })
})
