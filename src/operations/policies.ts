import {
  type Call,
  type Capabilities,
  type ContractError,
  contractError,
  type Finding,
  type GuestOs,
  hasCode,
  isContractError,
  type Provider,
  type ResolvedSpec,
} from '@agentctl/contract'
import { validateAgentSettings } from '../agent/index.ts'
import type { Pool } from '../config/types.ts'
import { withCall } from '../engine/calls.ts'
import { patiently } from '../engine/patiently.ts'
import { messageOf } from '../errors/message.ts'
import type { PoolPolicy } from '../fleet/policy.ts'
import type { Context } from './context.ts'

const preflightMs = 120_000
/** Of one read, where somebody waits who comes again anyway. Unit: milliseconds. */
const briefMs = 20_000

/** A pool made definite by reads alone. @throws `invalid-spec` with the pool's name in every path, and what reads throw */
export async function policyOf(
  context: Context,
  pool: Pool,
  provider: Provider,
  patienceMs?: number,
): Promise<PoolPolicy> {
  const spec = parsedSpec(context, pool, provider)
  const resolved = await ofSpec(context, pool, call => provider.resolve(spec, call), patienceMs)
  checkGrace(context, pool, provider.capabilities, resolved)
  return policyWith(resolved, pool, provider)
}

/** For a pool that can launch nothing just now, because what its spec means could not be read. */
export function policyWithout(pool: Pool, provider: Provider): PoolPolicy {
  return policyWith({ guest: 'process', offerings: [], details: {} }, pool, provider)
}

function policyWith(resolved: ResolvedSpec, pool: Pool, provider: Provider): PoolPolicy {
  return {
    name: pool.name,
    provider: pool.provider,
    capabilities: batching(provider.capabilities, resolved.guest),
    resolved,
    max: pool.capacity.max,
    timeouts: { ...pool.timeouts, ...(pool.holdMs !== undefined && { holdMs: pool.holdMs }) },
    attemptsMax: pool.attempts,
    isShared: pool.shared,
  }
}

/** A spot machine's agent cannot have longer than the cloud's notice. */
function checkGrace(
  { locate }: Pick<Context, 'locate'>,
  pool: Pool,
  { spotGraceMsMax }: Capabilities,
  { offerings }: ResolvedSpec,
): void {
  if (spotGraceMsMax === undefined || offerings.every(({ market }) => market !== 'spot')) return
  const graceSecondsMax = Math.floor(spotGraceMsMax / 1000)
  const problems = validateAgentSettings(pool.agent, { graceSecondsMax })
  if (problems.length === 0) return
  throw contractError('invalid-spec', `The agent of the pool ${pool.name} is not set for spot machines`, {
    problems: problems.map(({ path, message }) => {
      const key = `pools.${pool.name}.agent.${path}`
      return { path: key, message, ...locate(key) }
    }),
    hint: 'Shorten the grace period, or take spot out of the pool.',
  })
}

async function ofSpec<T>(
  context: Context,
  pool: Pool,
  work: (call: Call) => Promise<T>,
  patienceMs?: number,
): Promise<T> {
  try {
    return await reading(context, work, patienceMs)
  } catch (error) {
    throw hasCode(error, 'invalid-spec') ? specRefused(context, pool, error) : error
  }
}

/** A cloud that is away for a moment is asked again. */
function reading<T>(
  { effects, log, signal }: Context,
  work: (call: Call) => Promise<T>,
  patienceMs?: number,
): Promise<T> {
  const deps = { ...effects, log, signal, ...(patienceMs !== undefined && { patienceMs }) }
  return patiently(deps, () => withCall(deps, patienceMs === undefined ? preflightMs : briefMs, work))
}

/** A guest that cannot tell which unit of a batch it is gets a launch of its own. */
function batching(capabilities: Capabilities, guest: GuestOs): Capabilities {
  const isTold = guest === 'process' || capabilities.linuxIndex !== undefined
  return isTold ? capabilities : { ...capabilities, launchBatchMax: 1 }
}

export function parsedSpec({ locate }: Pick<Context, 'locate'>, pool: Pool, provider: Provider): unknown {
  try {
    return provider.parseSpec(pool.spec)
  } catch (cause) {
    throw specRefused({ locate }, pool, cause)
  }
}

/** What a provider says of a spec, under the pool's name, each problem with its place. */
function specRefused({ locate }: Pick<Context, 'locate'>, pool: Pool, cause: unknown): ContractError {
  const problems = isContractError(cause) ? (cause.problems ?? []) : []
  return contractError(
    'invalid-spec',
    `The spec of the pool ${pool.name} is not right: ${messageOf(cause)}`,
    {
      cause,
      problems: problems.map(({ path, message }) => {
        const key = `pools.${pool.name}.${path}`
        return { path: key, message, ...locate(key) }
      }),
      hint: `agentctl providers show ${pool.provider} prints what a spec may hold.`,
    },
  )
}

export async function findingsOf(
  context: Context,
  pool: Pool,
  provider: Provider,
): Promise<readonly Finding[]> {
  const spec = parsedSpec(context, pool, provider)
  return await ofSpec(context, pool, call => provider.preflight(spec, call))
}

/** What stands in the way of a first launch. @throws `permission-denied` or `invalid-spec` with all problems */
export async function checkPool(
  context: Context,
  pool: Pool,
  provider: Provider,
): Promise<readonly Finding[]> {
  const findings = await findingsOf(context, pool, provider)
  for (const { level, subject, message } of findings) {
    if (level === 'warning') context.log.warn(message, { pool: pool.name, subject })
  }
  const problems = findings.filter(finding => finding.level === 'problem')
  if (problems.length === 0) return findings
  const code = problems.find(one => one.code !== undefined)?.code ?? 'invalid-spec'
  throw contractError(code, `The pool ${pool.name} cannot be used as it is`, {
    problems: problems.map(({ subject, message, fix }) => {
      const path = subject.startsWith('spec')
        ? `pools.${pool.name}.${subject}`
        : `pools.${pool.name}: ${subject}`
      return { path, message: fix ? `${message}. ${fix}` : message, ...context.locate(path) }
    }),
    hint: `agentctl doctor --pool ${pool.name} looks at everything that the pool needs.`,
  })
}
