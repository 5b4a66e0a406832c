import type { ConformanceTarget } from '@agentctl/contract/testing'
import { type Arm, addForeign } from '../clouds/arm/index.ts'
import { outOfHosts } from '../clouds/arm/knobs.ts'
import { baseSpec, clock, location, openAzure, subscription } from './support.ts'

const puts = 'PUT virtualMachines/:name'
const lists = 'GET virtualMachines'

/** The provider on the emulator; out of band it is the emulator's own state. */
export function azureTarget(arm: Arm): ConformanceTarget {
  let foreigners = 0
  return {
    name: 'azure, emulated',
    open: owner => openAzure(arm, owner),
    spec: baseSpec(arm),
    clock,
    // The emulator's lists never lag.
    settle: async () => undefined,
    launchesForPaging: arm.knobs.pageMax + 1,
    goneWithinMs: 10_000,
    outOfBand: {
      left: async owner => arm.left(owner),
      createForeign: async () => {
        const id = `somebody-elses-${++foreigners}`
        addForeign(arm.cloud, id)
        return { kind: 'instance', id, scope: { account: `${subscription}/${arm.group}`, region: location } }
      },
      exists: async ({ id }) => arm.guests().some(guest => guest.id === id && guest.power === 'running'),
      userDataOf: async ({ id }) => arm.guests().find(guest => guest.id === id)?.userData ?? new Uint8Array(),
      powerOff: async ({ id }) => arm.powerOff(id),
      absentRef: real => ({ ...real, id: real.id.replace(/.$/, last => (last === 'a' ? 'b' : 'a')) }),
    },
    faults: {
      loseNextLaunchReply: () => arm.faults.arm(puts, { kind: 'lose-reply' }),
      failNextLaunch: () =>
        arm.faults.armCreate({ kind: 'half-way', after: 'disk', isMachineMade: false, error: outOfHosts }),
      hangNextLaunch: () => arm.faults.arm(puts, { kind: 'hang' }),
      failListMidway: () =>
        arm.faults.arm(lists, { kind: 'status', status: 503, code: 'ServiceUnavailable' }, { skip: 1 }),
      throttleNextCall: () =>
        arm.faults.arm('*', {
          kind: 'status',
          status: 429,
          code: 'TooManyRequests',
          headers: { 'retry-after': '1' },
        }),
      rejectNextCredentials: () => arm.rejectToken(),
      unmapState: ({ id }) => arm.setFuturePower(id),
    },
  }
}
