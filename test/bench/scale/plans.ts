import type { Load } from './load.ts'
import type { Plan } from './measure.ts'

type Asked = Pick<Load, 'live' | 'jobsPerMinute' | 'pools' | 'scopes'> & Omit<Plan, 'load'>

export function planOf({ hosts, windowMs, ...asked }: Asked): Plan {
  const load = { ...asked, owner: 'bench', bootMs: 20_000, shownMs: 60_000, seed: 'scale' }
  return { load, hosts, windowMs }
}
