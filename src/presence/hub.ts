import { contractError } from '@agentctl/contract'
import { z } from 'zod'
import { type HubAddress, hubOrigin } from '../demand/hub.ts'
import { requestJson } from '../effects/http.ts'

const timeoutMs = 20_000
const pageSize = 200
/** More agents of one type than any organization has; a cursor that never ends must not hang a tick. */
const pagesMax = 200

const answerShape = z.object({
  agents: z.array(
    z.object({ metadata: z.object({ name: z.string() }), status: z.object({ state: z.string() }) }),
  ),
  cursor: z.string().nullish(),
})

/**
 * Agents of a type that are connected now, by name: all of them, or an error.
 * Source: semaphore public-api v1alpha, self_hosted_agents list, 2026-08; it shows registered agents only.
 * @throws `unauthenticated`, `rate-limited`, `unavailable`
 */
export async function readAgents(
  address: HubAddress,
  agentType: string,
  apiToken: string,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, 'idle' | 'busy'>> {
  const agents = new Map<string, 'idle' | 'busy'>()
  const what = `the agents of ${agentType}`
  let cursor: string | undefined
  for (let page = 0; page < pagesMax; page++) {
    const query = new URLSearchParams({
      agent_type: agentType,
      page_size: String(pageSize),
      ...(cursor && { cursor }),
    })
    const url = `${hubOrigin(address)}/api/v1alpha/agents?${query}`
    const answer = await requestJson({ url, authorization: `Token ${apiToken}`, signal, timeoutMs, what })
    const parsed = answerShape.safeParse(answer)
    if (!parsed.success) {
      throw contractError('unavailable', `${address.endpoint} gave an unexpected answer for ${what}`, {
        cause: parsed.error,
      })
    }
    for (const { metadata, status } of parsed.data.agents) {
      agents.set(metadata.name, status.state === 'waiting_for_job' ? 'idle' : 'busy')
    }
    const next = parsed.data.cursor || undefined
    if (!next) return agents
    if (next === cursor) break
    cursor = next
  }
  throw contractError('unavailable', `${address.endpoint} has no end to ${what}`)
}
