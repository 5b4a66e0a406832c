import { type Instance, isInstance } from '@agentctl/contract'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Gce, startGce } from '../clouds/gce/index.ts'
import { newGceRound, played } from '../clouds/gce/round.ts'
import { playGuests } from '../clouds/guests.ts'
import { start, until } from '../support/cli.ts'
import { jobs } from '../support/round.ts'
import { callFor, ended, launched, listed, openGcp } from './support.ts'

let gce: Gce
beforeEach(async () => {
  gce = await startGce()
})
afterEach(async () => gce[Symbol.asyncDispose]())

type Provider = Awaited<ReturnType<typeof openGcp>>
const machines = async (provider: Provider): Promise<readonly Instance[]> =>
  (await listed(provider, { kinds: ['instance'] })).filter(isInstance)
const hourMs = 3_600_000

describe('a machine that powers itself off', () => {
  it('stays, with its disk and without its deadline, until it is ended', async () => {
    const provider = await openGcp(gce, 'acme')
    const machine = await launched(provider)
    gce.writeConsole(machine.id, 'agentctl: end reason=job-finished exit=0\n')
    gce.powerOff(machine.id)
    await until('it is off', async () => (await machines(provider))[0]?.state === 'stopped')
    gce.advance(2 * hourMs)
    expect(gce.left()).toHaveLength(2)
    expect(await provider.consoleTail?.(machine, callFor())).toContain('job-finished')
    await ended(provider, machine)
    expect(gce.left()).toEqual([])
  })

  it('and never gets beyond STOPPING can be ended all the same', async () => {
    const provider = await openGcp(gce, 'acme')
    const machine = await launched(provider)
    gce.knobs.stuckStopping.add(machine.ownership.launchId)
    gce.powerOff(machine.id)
    gce.advance(hourMs / 2)
    expect((await machines(provider))[0]?.state).toBe('stopping')
    await ended(provider, machine)
    expect(gce.left()).toEqual([])
  })
})

describe('a spot machine', () => {
  const spot = { spec: { market: ['spot'] } }

  it('that is taken back says so while it goes, and once it is gone', async () => {
    const provider = await openGcp(gce, 'acme')
    const machine = await launched(provider, spot)
    expect(await machines(provider)).toMatchObject([{ state: 'running', id: machine.id }])
    gce.knobs.preemptMs = 400
    gce.preempt(machine.id)
    expect(await machines(provider)).toMatchObject([{ state: 'stopping', isReclaimed: true }])
    gce.advance(400)
    expect(gce.left()).toEqual([])
    expect(await machines(provider)).toMatchObject([
      { id: machine.id, state: 'terminated', isReclaimed: true, fault: expect.stringContaining('taken') },
    ])
    expect(await provider.terminate(machine, callFor())).toBe('gone')
  })

  it('that somebody deleted, or that was ended, was not taken back', async () => {
    const provider = await openGcp(gce, 'acme')
    const [one, two] = [await launched(provider, spot), await launched(provider, spot)]
    await machines(provider)
    await ended(provider, one)
    await ended(await openGcp(gce, 'acme'), two)
    expect(await machines(provider)).toEqual([])
  })
})

describe('a list', () => {
  it('with a zone missing throws; one of another region is nothing to it', async () => {
    const provider = await openGcp(gce, 'acme')
    const machine = await launched(provider)
    gce.knobs.unreachableZones.add('test-east1-a')
    expect(await machines(provider)).toMatchObject([{ id: machine.id }])
    gce.knobs.unreachableZones.add('test-west1-b')
    await expect(listed(provider)).rejects.toMatchObject({
      code: 'unavailable',
      fault: expect.stringContaining('test-west1-b'),
    })
  })

  it('shows addresses and disks with the label of the owner, and they can be ended', async () => {
    const provider = await openGcp(gce, 'acme')
    const { labels } = gce.cloud.machines.get((await launched(provider)).id)?.instance ?? {}
    gce.cloud.addresses.set('test-west1/left-over', {
      name: 'left-over',
      id: '1',
      region: 'https://www.googleapis.com/compute/v1/projects/acme-project/regions/test-west1',
      selfLink:
        'https://www.googleapis.com/compute/v1/projects/acme-project/regions/test-west1/addresses/left-over',
      status: 'RESERVED',
      address: '203.0.113.9',
      labels: labels ?? {},
      creationTimestamp: new Date().toISOString(),
    })
    const found = await listed(provider)
    expect(found.map(({ kind }) => kind).toSorted()).toEqual(['address', 'disk', 'instance'])
    const disk = found.find(({ kind }) => kind === 'disk')
    expect(disk?.instanceId).toBe(found.find(isInstance)?.id)
    // In use: not accepted, and not gone either.
    if (disk) await expect(provider.terminate(disk, callFor())).rejects.toMatchObject({ code: 'unavailable' })
    for (const one of found.filter(({ kind }) => kind !== 'disk')) await ended(provider, one)
    expect(gce.left()).toEqual([])
  })
})

describe('with the controller gone for good', () => {
  it.each([
    ['a time', { at: Date.now() + hourMs }],
    ['a duration', { afterMs: hourMs }],
  ])('the platform deletes every machine at its deadline, given as %s', async (_, expiry) => {
    const provider = await openGcp(gce, 'acme')
    for (let count = 0; count < 4; count += 1) await launched(provider, { expiry })
    await provider.close()
    gce.advance(hourMs - 120_000)
    expect(gce.left()).toHaveLength(8)
    gce.knobs.deadlineLagMs = 0
    gce.advance(120_000)
    expect(gce.left()).toEqual([])
  })

  it('and killed in the middle of its work, nothing outlives the deadline', {
    timeout: 120_000,
  }, async () => {
    await using round = await newGceRound({ hub: { jobs: jobs(3, 'true') } })
    const running = start(round.home, 'provision', '--concurrency', '3')
    await until(
      'three machines run',
      () => round.gce.guests().filter(one => one.status === 'RUNNING').length === 3,
    )
    running.child.kill('SIGKILL')
    await running.ended
    round.gce.advance(30 * 60_000)
    expect(round.gce.left()).toEqual([])
  })
})

describe('provision', () => {
  it('takes the user data of a machine away once its job runs', { timeout: 120_000 }, async () => {
    await using round = await newGceRound({ hub: { jobs: jobs(1, 'sleep 9') } })
    await using _ = await playGuests(played(round.gce))
    const running = start(round.home, 'provision')
    await until('the job runs', () => round.hub.jobs()[0]?.runs === 1)
    await until('the user data is gone', () => round.gce.guests()[0]?.userData === undefined, 15_000)
    expect(round.hub.jobs()[0]?.result).toBeNull()
    expect(await running.ended).toMatchObject({ code: 0 })
    expect(round.gce.calls()['POST zones/:zone/instances/:name/setMetadata']).toBe(1)
    expect(round.gce.left()).toEqual([])
  })
})
