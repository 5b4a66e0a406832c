import type { Instance, Log, Provider } from '@agentctl/contract'
import { createVirtualClock } from '@agentctl/provider-sim'
import { describe, expect, it } from 'vitest'
import { openAdmission } from '../../../src/engine/admission.ts'
import type { Engine } from '../../../src/engine/deps.ts'
import { openLooks } from '../../../src/engine/looks.ts'
import { see } from '../../../src/engine/see.ts'
import type { Memory } from '../../../src/fleet/records.ts'
import { capabilities, instanceOf, launchRecord, memoryOf, scope, t0, unitRecord } from '../fleet/build.ts'

const log: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined }

/** Ids of the machines whose consoles, which cost a call each, were read in one look. */
async function consolesRead(instances: readonly Instance[], memory: Memory): Promise<readonly string[]> {
  const clock = createVirtualClock(t0 + 60_000)
  const read: string[] = []
  const provider = {
    capabilities: { ...capabilities, console: 'on-demand', isGuardNeeded: true },
    async *list() {
      yield* instances
    },
    async consoleTail({ id }: { id: string }) {
      read.push(id)
      return ''
    },
  } as unknown as Provider
  const providers = new Map([['sim', provider]])
  const signal = new AbortController().signal
  const engine = {
    clock,
    log,
    signal,
    providers,
    admission: openAdmission(providers, { clock, log, signal }),
    looks: openLooks(),
    hub: {},
    journal: { memory: () => memory },
  } as unknown as Engine
  const looking = {
    scopes: new Map([['sim', [scope]]]),
    kinds: ['instance'] as const,
    agentTypes: [],
    queues: [],
  }
  await clock.drive(see(engine, looking, () => []))
  return read
}

describe('the console of a machine whose user data has to be taken away', () => {
  const known = memoryOf({ launches: [launchRecord()], units: [unitRecord()] })

  it('is read while it boots, until it is known that the user data was read', async () => {
    expect(await consolesRead([instanceOf()], known)).toEqual(['i-1'])
    const guarded = memoryOf({ ...known, units: [unitRecord({ guardedAt: t0 })] })
    expect(await consolesRead([instanceOf()], guarded)).toEqual([])
  })

  it('is not read by a command that only looks, where no journal knows the machine', async () => {
    expect(await consolesRead([instanceOf()], memoryOf())).toEqual([])
    expect(await consolesRead([instanceOf({ state: 'stopped' })], memoryOf())).toEqual(['i-1'])
  })
})
