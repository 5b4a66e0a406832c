import { randomUUID } from 'node:crypto'
import type { Unit } from '@agentctl/contract'
import { type Hub, startHub } from '@agentctl/plugin-devkit'
import { describe, expect, it } from 'vitest'
import { type LinuxBootstrap, linuxUserData } from '../../src/bootstrap/linux/index.ts'
import { readConsole } from '../../src/presence/console.ts'
import { until } from '../support/cli.ts'
import { loopback } from '../support/loopback.ts'
import { jobs } from '../support/round.ts'
import { type Fate, type PlayedCloud, type PlayedInstance, playGuests } from './guests.ts'

/** A cloud that is no more than a table. */
function newCloud(userData: Uint8Array, count: number) {
  const instances = new Map<string, PlayedInstance>(
    Array.from({ length: count }, (_, index) => [`i-${index}`, { id: `i-${index}`, index, userData }]),
  )
  const consoles = new Map<string, string>()
  const reclaimed: string[] = []
  return {
    instances,
    reclaimed,
    reports: () => [...consoles].map(([, text]) => readConsole(text)),
    async running() {
      return [...instances.values()]
    },
    async powerOff(id) {
      instances.delete(id)
    },
    async reclaim(id) {
      reclaimed.push(id)
      instances.delete(id)
    },
    write(id, text) {
      consoles.set(id, (consoles.get(id) ?? '') + text)
    },
  } satisfies PlayedCloud & Record<string, unknown>
}

function boundUnits(hub: Hub): readonly Unit[] {
  return hub
    .jobs()
    .map(({ id }, index) => ({ index, attempt: 1, name: `guest-of-a-batch-${index}`, jobId: id }))
}

function bootstrapFor(
  hub: Hub,
  units: readonly Unit[],
  change: Partial<LinuxBootstrap> = {},
): LinuxBootstrap {
  return {
    basis: { endpoint: hub.endpoint, noHttps: true, token: hub.token, idleMs: 60_000, agent: {} },
    units,
    identity: { kind: 'ec2-launch-index' },
    agent: { path: '/opt/semaphore/agent/agent' },
    user: 'semaphore',
    timeouts: { bootMs: 60_000, agentMs: 20_000, totalMs: 600_000 },
    metadata: 'guarded',
    ...change,
  }
}

const knobs = { syncMs: 100 }

describe('guests of an emulated cloud', () => {
  it('read the user data of their batch, each its own unit by its launch index, and power off', async () => {
    const hub = await startHub({ jobs: jobs(5, 'echo hello'), knobs })
    const units = boundUnits(hub)
    const cloud = newCloud(linuxUserData(bootstrapFor(hub, units)), 5)

    await using _ = await playGuests(cloud)
    await until('every guest is off', () => cloud.instances.size === 0)

    expect(hub.jobs()).toMatchObject(
      units.map(({ jobId, name }) => ({ id: jobId, agent: name, runs: 1, result: 'passed' })),
    )
    expect(cloud.reports().map(({ end }) => end?.reason)).toEqual(Array(5).fill('job-finished'))
    await hub.close()
  })

  it('fetch a token that is delivered apart', async () => {
    const hub = await startHub({ jobs: jobs(1, 'true'), knobs })
    await using bucket = await loopback((_, response) => response.end(hub.token))
    const apart = {
      token: { kind: 'presigned', url: `http://${bucket.endpoint}/token?signature=a` },
    } as const
    const cloud = newCloud(linuxUserData(bootstrapFor(hub, boundUnits(hub), apart)), 1)

    await using _ = await playGuests(cloud)
    await until('the guest is off', () => cloud.instances.size === 0)

    expect(hub.jobs()[0]).toMatchObject({ result: 'passed' })
    expect(bucket.requests).toHaveLength(1)
    await hub.close()
  })

  it('end their boot with the cause when user data is not for them', async () => {
    const hub = await startHub({ knobs })
    const unit = { index: 7, attempt: 1, name: 'guest-of-another', jobId: randomUUID() }
    const cloud = newCloud(linuxUserData(bootstrapFor(hub, [unit])), 1)

    await using _ = await playGuests(cloud)
    await until('the guest is off', () => cloud.instances.size === 0)

    expect(cloud.reports()[0]?.end).toEqual({
      reason: 'agent-failed',
      detail: 'boot: user data has no unit 0',
    })
    await hub.close()
  })

  it.each<readonly [string, Fate, object]>([
    ['never boots', { kind: 'never-boots' }, { runs: 0, left: 1, reclaimed: 0 }],
    ['dies before its agent starts', { kind: 'dies', at: 'boot' }, { runs: 0, left: 0, reclaimed: 0 }],
    ['dies in its job', { kind: 'dies', at: 'job' }, { runs: 1, left: 0, reclaimed: 0 }],
    [
      'is reclaimed while it boots',
      { kind: 'reclaimed', at: 'boot', noticeMs: 2_000 },
      { runs: 0, left: 0, reclaimed: 1 },
    ],
    [
      'leaves its job for the notice that it is reclaimed',
      { kind: 'reclaimed', at: 'job', noticeMs: 10_000 },
      { runs: 1, left: 0, reclaimed: 0 },
    ],
    [
      'is reclaimed in its job, without a notice',
      { kind: 'reclaimed', at: 'job', noticeMs: 0 },
      { runs: 1, left: 0, reclaimed: 1 },
    ],
  ])('one that %s', async (_name, fate, expected) => {
    const hub = await startHub({ jobs: jobs(1, 'sleep 30'), knobs })
    const cloud = newCloud(linuxUserData(bootstrapFor(hub, boundUnits(hub))), 1)
    let isDecided = false

    await using guests = await playGuests(cloud, {
      fate: () => {
        isDecided = true
        return fate
      },
    })
    await until('its fate is met', () =>
      fate.kind === 'never-boots' ? isDecided : cloud.instances.size === 0,
    )

    expect(guests.seen()).toEqual(['i-0'])
    expect({
      runs: hub.jobs()[0]?.runs,
      left: cloud.instances.size,
      reclaimed: cloud.reclaimed.length,
    }).toEqual(expected)
    await hub.close()
  })

  it('are stopped with their machine', async () => {
    const hub = await startHub({
      jobs: jobs(1, 'sleep 30'),
      knobs: { ...knobs, staleness: { busySilentMs: 500 } },
    })
    const cloud = newCloud(linuxUserData(bootstrapFor(hub, boundUnits(hub))), 1)

    await using _ = await playGuests(cloud)
    await hub.until(({ event }) => event === 'job-started')
    cloud.instances.clear()

    await hub.until(({ event }) => event === 'dropped')
    await hub.close()
  })
})
