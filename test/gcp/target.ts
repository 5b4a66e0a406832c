import type { ResourceRef } from '@agentctl/contract'
import type { ConformanceTarget } from '@agentctl/contract/testing'
import { type Gce, project } from '../clouds/gce/index.ts'
import { insert } from '../clouds/gce/insert.ts'
import { baseSpec, clock, openGcp } from './support.ts'

const inserts = 'POST zones/:zone/instances'
const lists = 'GET aggregated/instances'

/** The provider on the emulator; out of band it is the emulator's own state. */
export function gcpTarget(gce: Gce): ConformanceTarget {
  return {
    name: 'gcp, emulated',
    open: owner => openGcp(gce, owner),
    spec: baseSpec,
    clock,
    // The emulator's lists never lag.
    settle: async () => undefined,
    launchesForPaging: gce.knobs.pageMax + 1,
    goneWithinMs: 10_000,
    outOfBand: {
      left: async owner => gce.left(owner),
      createForeign: async () => createForeign(gce),
      exists: async ({ id }) => gce.guests().some(guest => guest.id === id && guest.status === 'RUNNING'),
      userDataOf: async ({ id }) => gce.guests().find(guest => guest.id === id)?.userData ?? new Uint8Array(),
      powerOff: async ({ id }) => gce.powerOff(id),
    },
    faults: {
      loseNextLaunchReply: () => gce.faults.arm(inserts, { kind: 'lose-reply' }),
      failNextLaunch: () => gce.faults.armInsert('leaves-disk'),
      hangNextLaunch: () => gce.faults.arm(inserts, { kind: 'hang' }),
      failListMidway: () =>
        gce.faults.arm(lists, { kind: 'status', status: 503, reason: 'backendError' }, { skip: 1 }),
      throttleNextCall: () => {
        const fault = { kind: 'status', status: 403, reason: 'rateLimitExceeded' } as const
        gce.faults.arm('*', { ...fault, info: 'RATE_LIMIT_EXCEEDED' })
      },
      rejectNextCredentials: () => gce.rejectToken(),
      unmapState: ({ id }) => gce.setFutureStatus(id),
    },
  }
}

let foreigners = 0

async function createForeign({ cloud }: Gce): Promise<ResourceRef> {
  const zone = 'test-west1-b'
  const name = `somebody-elses-${++foreigners}`
  const wish = {
    name,
    machineType: `zones/${zone}/machineTypes/e2-small`,
    labels: { team: 'other' },
    disks: [
      {
        boot: true,
        autoDelete: true,
        initializeParams: { sourceImage: `projects/${project}/global/images/agent-1` },
      },
    ],
  }
  insert(cloud, zone, wish, undefined, undefined)
  cloud.timeline.advance(cloud.knobs.insertMs)
  return { kind: 'instance', id: `${zone}/${name}`, scope: { account: project, region: 'test-west1' } }
}
