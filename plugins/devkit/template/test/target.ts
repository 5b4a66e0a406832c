import type { Clock } from '@agentctl/contract'
import type { ConformanceTarget } from '@agentctl/contract/testing'
import { createCloud } from '../src/cloud.ts'
import { createProvider } from '../src/provider.ts'
import { scopeOf } from '../src/spec.ts'

const clock: Clock = {
  now: () => Date.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      signal?.throwIfAborted()
      const timer = setTimeout(resolve, ms)
      signal?.addEventListener('abort', () => {
        clearTimeout(timer)
        reject(signal.reason)
      })
    }),
}

/** The provider under test, and the cloud asked and moved past it. */
export function createTarget(): ConformanceTarget {
  const cloud = createCloud(clock)
  const { outside } = cloud
  const region = 'north'
  return {
    name: 'nimbus, in memory',
    open: async owner => createProvider({ cloud, owner, clock }),
    spec: { region, sizes: ['small', 'large'] },
    clock,
    goneWithinMs: 5000,
    outOfBand: {
      left: async owner =>
        outside
          .machines()
          .filter(({ labels }) => labels['agentctl-owner'] === owner)
          .map(({ name }) => `instance ${name}`),
      async createForeign() {
        const name = `somebody-elses-${outside.machines().length}`
        const order = { name, region, size: 'small', labels: {}, userData: new Uint8Array() }
        await cloud.create(order, new AbortController().signal)
        return { kind: 'instance', id: name, scope: scopeOf({ region }) }
      },
      exists: async ({ id }) => outside.machines().some(({ name }) => name === id),
      userDataOf: async ({ id }) =>
        outside.machines().find(({ name }) => name === id)?.userData ?? new Uint8Array(),
      powerOff: async ({ id }) => outside.setStatus(id, 'HALTED'),
    },
    faults: {
      loseNextLaunchReply: () => outside.arm({ on: 'create', meets: 'error-after-effect' }),
      failNextLaunch: () => outside.arm({ on: 'create', meets: 'error-after-effect', cloudCode: 'Internal' }),
      hangNextLaunch: () => outside.arm({ on: 'create', meets: 'silence' }),
      failListMidway: () => outside.arm({ on: 'list', meets: 'error', cloudCode: 'Internal', skip: 1 }),
      throttleNextCall: () => outside.arm({ on: 'any', meets: 'error', cloudCode: 'TooManyRequests' }),
      rejectNextCredentials: () => outside.arm({ on: 'any', meets: 'error', cloudCode: 'BadToken' }),
      unmapState: ({ id }) => outside.setStatus(id, 'LEVITATING'),
    },
  }
}
