import { expect, it } from 'vitest'
import { type JobSeen, known, unknown } from '../../../src/fleet/picture.ts'
import { unitKey } from '../../../src/fleet/records.ts'
import { surplusIn } from '../../../src/fleet/surplus.ts'
import { jobId, pictureOf, t0, unitRecord, viewOf } from './build.ts'

const booting = viewOf({ agent: 'absent' })
const own = booting.unit.name
const refused = unitRecord({ marks: { 'agent-refused': t0 } })
const seenAs = (job: JobSeen) => new Map([[jobId(1), known(job)]])

it.each([
  ['its job was stopped', booting, seenAs({ state: 'finished' }), 'its job is over, or was stopped'],
  ['its job ran elsewhere', booting, seenAs({ state: 'finished', agent: 'x' }), 'its job is over'],
  ['its job runs elsewhere', booting, seenAs({ state: 'running', agent: 'x' }), 'its job runs on x'],
  ['its job waits: no', booting, seenAs({ state: 'waiting' }), undefined],
  ['its job runs, nobody says where: no', booting, seenAs({ state: 'running' }), undefined],
  ['it has its job itself: no', booting, seenAs({ state: 'running', agent: own }), undefined],
  [
    'it has done its job, unseen, and is leaving: no',
    booting,
    seenAs({ state: 'finished', agent: own }),
    undefined,
  ],
  [
    'its job was done under its name, and the hub has refused it',
    viewOf({ agent: 'absent', unit: refused }),
    seenAs({ state: 'finished', agent: own }),
    'its job is over',
  ],
  [
    'the hub has refused it, and takes it for at work: no',
    viewOf({ agent: 'absent', unit: refused }),
    seenAs({ state: 'running', agent: own }),
    undefined,
  ],
  ['the hub did not answer: no', booting, new Map([[jobId(1), unknown('500')]]), undefined],
  ['nobody says who is online: no', viewOf({ agent: 'unknown' }), seenAs({ state: 'finished' }), undefined],
  ['its agent is there: no', viewOf({ agent: 'idle' }), seenAs({ state: 'finished' }), undefined],
  [
    'it was online: no',
    viewOf({ agent: 'absent', unit: unitRecord({ entered: { online: t0 } }) }),
    seenAs({ state: 'finished' }),
    undefined,
  ],
])('a machine is too many when its job can never come to it: %s', (_, view, jobs, why) => {
  const surplus = surplusIn(pictureOf([view], { jobs }))
  if (why === undefined) expect([...surplus]).toEqual([])
  else expect(surplus.get(unitKey(view.unit))).toContain(why)
})
