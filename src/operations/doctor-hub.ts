import { contractError } from '@agentctl/contract'
import { hubOrigin } from '../demand/hub.ts'
import { lookAtServer } from '../effects/server-date.ts'
import { messageOf } from '../errors/message.ts'
import type { Context } from './context.ts'
import { type Check, clockCheck, looked, skewOf } from './doctor-check.ts'
import { openHub, readTokens } from './open-hub.ts'

const area = 'hub'
const timeoutMs = 10_000

/** The organization's endpoint, its clock, the token of each agent type, the API token. */
export async function checkHub(context: Context, agentTypes: readonly string[]): Promise<readonly Check[]> {
  const { settings, effects, signal } = context
  const origin = hubOrigin(settings)
  const before = effects.clock.now()
  const reached = await looked(
    area,
    'endpoint',
    () =>
      lookAtServer(origin, signal, timeoutMs).catch(cause => {
        throw contractError('unavailable', `No answer from ${origin}: ${reasonOf(cause)}`, {
          cause,
          hint: 'Check `endpoint:`, the network, and the proxy.',
        })
      }),
    () => `${origin} answers`,
  )
  if (!reached.value) return [reached.check]
  const { date } = reached.value
  // The answer was made between the two, and says whole seconds.
  const skewMs = date === undefined ? undefined : skewOf(date, before, effects.clock.now())
  return [
    reached.check,
    ...(skewMs === undefined ? [] : [clockCheck(area, origin, skewMs)]),
    ...(await Promise.all(agentTypes.map(type => checkType(context, type)))),
    await checkApiToken(context, agentTypes),
  ]
}

async function checkType(context: Context, type: string): Promise<Check> {
  const { check } = await looked(
    area,
    `token of ${type}`,
    async () => {
      const hub = await openHub(
        { ...context, settings: withoutApiToken(context) },
        await readTokens(context, [type]),
      )
      return hub.queue(type, context.signal)
    },
    ({ queuedCount }) => `accepted; ${queuedCount} jobs wait`,
  )
  return check
}

async function checkApiToken(context: Context, types: readonly string[]): Promise<Check> {
  const subject = 'API token'
  const { settings } = context
  if (!settings.apiToken) {
    return {
      area,
      level: 'warning',
      subject,
      message:
        'none is configured: nobody says which agents are online, and a machine whose boot failed may live to its deadline',
      fix: 'Set `api-token: env:SEMAPHORE_API_TOKEN`, with the token of a service account that may read agents.',
    }
  }
  const named = types.filter(type => settings.agentTypes[type]?.isNamed)
  if (named.length === 0) {
    return {
      area,
      level: 'warning',
      subject,
      message: 'it is not used, for the agent type has no name',
      fix: 'Name the type in `agent-types:`, or with --agent-type.',
    }
  }
  const { check } = await looked(
    area,
    subject,
    async () => {
      const hub = await openHub(context, new Map(named.map(type => [type, ''])))
      const seen = await Promise.all(named.map(type => hub.agents?.(type, context.signal)))
      return seen.reduce((sum, agents) => sum + (agents?.size ?? 0), 0)
    },
    count => `accepted; ${count} agents are online`,
  )
  return check
}

function withoutApiToken({ settings }: Context): Context['settings'] {
  const { apiToken: _, ...rest } = settings
  return rest
}

/** `fetch` hides why behind "fetch failed". */
function reasonOf(thrown: unknown): string {
  const cause = thrown instanceof Error ? thrown.cause : undefined
  return messageOf(cause instanceof Error ? cause : thrown)
}
