import type { ConformanceTarget } from '@agentctl/contract/testing'
import { createSim, type SimOptions } from '@agentctl/provider-sim'

/** The simulated cloud as a target of the conformance kit, on virtual time, with every fault that the kit asks for. */
export function simTarget(name: string, options: SimOptions = {}): ConformanceTarget {
  const sim = createSim({ seed: name, ...options })
  const { cloud, clock } = sim
  const scope = { account: 'sim', region: 'sim-1' }
  const offering = { id: 'small/a/on-demand', scope, type: 'small', zone: 'a', market: 'on-demand' as const }
  return {
    name,
    open: async owner => sim.open(owner),
    spec: { region: 'sim-1', zones: ['a', 'b'], types: ['small'], market: ['on-demand', 'spot'] },
    clock,
    drive: task => clock.drive(task),
    launchesForPaging: 5,
    launchWithinMs: 1000,
    outOfBand: {
      left: async owner => cloud.left(owner),
      createForeign: async () => cloud.createForeign(offering),
      exists: async ({ id }) =>
        cloud.resources().some(found => found.id === id && ['provisioning', 'active'].includes(found.status)),
      userDataOf: async ref => cloud.userDataOf(ref),
      powerOff: async ref => cloud.powerOff(ref),
    },
    faults: {
      loseNextLaunchReply: () => cloud.inject('answer-lost', 'launch'),
      failNextLaunch: () => cloud.inject('half-made', 'launch'),
      shortNextLaunch: count => cloud.inject('short', 'launch', { count }),
      hangNextLaunch: () => cloud.inject('hang', 'launch'),
      failListMidway: () => cloud.inject('partial', 'list'),
      throttleNextCall: () => cloud.inject('throttled', 'any'),
      rejectNextCredentials: () => cloud.inject('bad-credentials', 'any'),
      unmapState: ref => cloud.setStatus(ref, 'levitating'),
    },
  }
}
