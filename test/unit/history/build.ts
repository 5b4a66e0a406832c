import type { Life } from '../../../src/history/life.ts'
import { minute, t0 } from '../fleet/build.ts'

/** A machine whose life went as it should: a step each minute. */
export function lifeOfMachine(change: Partial<Life> = {}): Life {
  const at = (steps: number) => t0 + steps * minute
  return {
    launchId: 'l1',
    index: 0,
    name: 'o-l1-0',
    jobId: 'job-1',
    agentType: 's1-x',
    pool: 'p',
    provider: 'sim',
    scope: 'acc/here',
    offering: 'small/a/spot',
    instanceType: 'small',
    market: 'spot',
    instanceId: 'i-1',
    attempt: 1,
    tries: 1,
    phase: 'gone',
    expiresAt: at(60),
    reason: 'job-finished',
    refusals: [],
    times: {
      wanted: at(0),
      decided: at(1),
      accepted: at(2),
      booted: at(3),
      agentStarted: at(4),
      registered: at(5),
      jobTaken: at(5),
      jobFinished: at(6),
      poweredOff: at(7),
      gone: at(8),
    },
    ...change,
  }
}
