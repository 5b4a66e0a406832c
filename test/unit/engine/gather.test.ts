import { contractError, type Instance, type Log, type Provider, type Resource } from '@agentctl/contract'
import { createVirtualClock } from '@agentctl/provider-sim'
import { describe, expect, it } from 'vitest'
import { openAdmission } from '../../../src/engine/admission.ts'
import type { Engine, Hub } from '../../../src/engine/deps.ts'
import { gather } from '../../../src/engine/gather.ts'
import { openLooks } from '../../../src/engine/looks.ts'
import { capabilities, instanceOf, scope } from '../fleet/build.ts'

const there = { account: 'acc', region: 'there' }
const log: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined }

interface World {
  readonly list?: (region: string) => readonly Resource[] | Error
  readonly consoleTail?: (id: string) => string | Error
  readonly hub?: Partial<Hub>
  readonly console?: 'live' | 'on-demand' | 'none'
}

const orThrow = <T>(value: T | Error): T => {
  if (value instanceof Error) throw value
  return value
}

/** A provider of the test's own, which says what it is told to. */
function look({ list = () => [], consoleTail = () => '', hub = {}, console = 'on-demand' }: World) {
  const clock = createVirtualClock(1_000)
  const read: string[] = []
  const provider = {
    capabilities: { ...capabilities, console },
    async *list(where: { region: string }) {
      await clock.sleep(100)
      yield* orThrow(list(where.region))
    },
    async consoleTail({ id }: { id: string }) {
      read.push(id)
      return orThrow(consoleTail(id))
    },
  } as unknown as Provider
  const providers = new Map([['sim', provider]])
  const signal = new AbortController().signal
  const queue = async () => ({ jobIds: ['j'], queuedCount: 1 })
  const engine = {
    clock,
    log,
    signal,
    providers,
    admission: openAdmission(providers, { clock, log, signal }),
    looks: openLooks(),
    hub: { queue, ...hub },
  } as unknown as Engine
  const scopes = new Map([
    ['sim', [scope, there]],
    ['absent', [scope]],
  ])
  const looking = { scopes, kinds: ['instance'] as const, agentTypes: ['a', 'b'], queues: ['a', 'b'] }
  const isAwaited = ({ id }: Instance) => !id.startsWith('told')
  return clock.drive(gather(engine, looking, isAwaited)).then(facts => ({ facts, read: read.toSorted() }))
}

describe('gather', () => {
  it('tells when each list was asked for, and which could not be had', async () => {
    const list = (region: string) =>
      region === 'there' ? contractError('unavailable', '503') : [instanceOf()]
    const { facts } = await look({ list })
    expect(facts.looks).toMatchObject([
      {
        provider: 'sim',
        scope: 'acc/here',
        askedAt: 1_000,
        resources: { state: 'known', value: [{ id: 'i-1' }] },
      },
      { provider: 'sim', scope: 'acc/there', askedAt: 1_000, resources: { state: 'unknown', why: '503' } },
      { provider: 'absent', scope: 'acc/here', resources: { state: 'unknown' } },
    ])
  })

  it('takes a list that breaks off for none, not for what came of it', async () => {
    const clock = createVirtualClock(0)
    const provider = {
      capabilities,
      async *list() {
        yield instanceOf()
        throw new Error('the page broke off')
      },
    } as unknown as Provider
    const providers = new Map([['sim', provider]])
    const signal = new AbortController().signal
    const admission = openAdmission(providers, { clock, log, signal })
    const engine = {
      clock,
      log,
      signal,
      providers,
      admission,
      looks: openLooks(),
      hub: {},
    } as unknown as Engine
    const looking = { scopes: new Map([['sim', [scope]]]), kinds: [], agentTypes: [], queues: [] }
    const { looks } = await clock.drive(gather(engine, looking, () => true))
    expect(looks).toMatchObject([{ resources: { state: 'unknown', why: 'the page broke off' } }])
  })

  it('takes a hub that fails for unknown, type by type', async () => {
    const hub: Partial<Hub> = {
      queue: async type => orThrow(type === 'a' ? { jobIds: [], queuedCount: 0 } : new Error('500')),
      agents: async type => orThrow(type === 'b' ? new Map([['x', 'busy' as const]]) : new Error('500')),
    }
    const { facts } = await look({ hub })
    expect(facts.queues.get('a')).toEqual({ state: 'known', value: { jobIds: [], queuedCount: 0 } })
    expect(facts.queues.get('b')).toEqual({ state: 'unknown', why: '500' })
    expect(facts.agents.get('a')).toEqual({ state: 'unknown', why: '500' })
    expect(facts.agents.get('b')).toMatchObject({ state: 'known' })
  })

  it('without an API token knows of no agents, which is not that there are none', async () => {
    expect((await look({})).facts.agents.size).toBe(0)
  })

  it.each([
    ['live', ['failed', 'odd', 'running', 'stopped', 'stopping', 'terminated']],
    ['on-demand', ['failed', 'stopped', 'terminated']],
    ['none', []],
  ] as const)('reads consoles that are %s: %j', async (console, expected) => {
    const states = ['pending', 'running', 'stopping', 'stopped', 'failed', 'terminated'] as const
    const list = (region: string) =>
      region === 'there'
        ? []
        : [
            ...states.map(state => instanceOf({ id: state, state })),
            instanceOf({ id: 'odd', state: 'unknown' }),
            instanceOf({ id: 'told-stopped', state: 'stopped' }),
            { ...instanceOf({ id: 'disk', state: 'stopped' }), kind: 'disk' as const },
          ]
    expect((await look({ list, console })).read).toEqual(expected)
  })

  it('takes a console that cannot be read for unknown, not for an empty one', async () => {
    const list = (region: string) =>
      region === 'there' ? [] : ['a', 'b'].map(id => instanceOf({ id, state: 'stopped' }))
    const consoleTail = (id: string) => (id === 'a' ? new Error('429') : 'agentctl: end reason=idle')
    const { facts } = await look({ list, consoleTail })
    expect(facts.consoles.get('a')).toEqual({ state: 'unknown', why: '429' })
    expect(facts.consoles.get('b')).toMatchObject({
      state: 'known',
      value: { report: { end: { reason: 'idle' } } },
    })
  })
})
