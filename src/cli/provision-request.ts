import { contractError } from '@agentctl/contract'
import { parseDuration, type Settings } from '../config/index.ts'
import { didYouMean } from '../errors/index.ts'
import type { ProvisionRequest } from '../operations/provision.ts'

interface ProvisionFlags {
  readonly pool?: unknown
  readonly provider?: unknown
  readonly jobs?: readonly string[] | undefined
  readonly count?: number | undefined
  readonly concurrency: number
  readonly detach: boolean
  readonly patience: string
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** What the flags ask for. @throws `invalid-spec` */
export function provisionRequest(
  flags: ProvisionFlags,
  settings: Settings,
): Omit<ProvisionRequest, 'intent' | 'wake' | 'onTick'> {
  const patienceMs = parseDuration(flags.patience)
  if (patienceMs === undefined)
    throw contractError('invalid-spec', `--patience ${flags.patience} is no duration`, {
      hint: 'Write 90s, 30m or 2h.',
    })
  return {
    pools: poolsOf(flags, settings),
    demand: demandOf(flags),
    concurrency: flags.concurrency,
    isDetached: flags.detach,
    patienceMs,
  }
}

function poolsOf({ pool, provider }: ProvisionFlags, { pools }: Settings): readonly string[] {
  if (typeof pool === 'string') return [pool]
  const names = Object.values(pools).filter(one => provider === undefined || one.provider === provider)
  if (names.length > 0) return names.map(one => one.name)
  const inUse = Object.values(pools).map(one => one.provider)
  throw contractError(
    'invalid-spec',
    `No pool uses the provider ${provider}${didYouMean(String(provider), inUse)}`,
    {
      hint: `Configured are: ${Object.keys(pools).join(', ') || 'none; give --provider and --endpoint, or write agentctl.yml'}`,
    },
  )
}

function demandOf({ jobs, count }: ProvisionFlags): ProvisionRequest['demand'] {
  if (count !== undefined) return { kind: 'count', count }
  const ids = (jobs ?? []).flatMap(one => one.split(',')).filter(one => one !== 'queued')
  if (ids.length === 0) return { kind: 'queued' }
  const wrong = ids.filter(id => !uuid.test(id))
  if (wrong.length > 0)
    throw contractError('invalid-spec', `No job ids: ${wrong.join(', ')}`, {
      hint: 'A job id is a UUID; `queued` stands for all that wait.',
    })
  return { kind: 'jobs', ids: ids.map(id => id.toLowerCase()) }
}
