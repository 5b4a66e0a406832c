import { contractError } from '@agentctl/contract'
import { z } from 'zod'
import { type HubAddress, hubOrigin } from '../demand/hub.ts'
import { requestJson, requestText } from '../effects/http.ts'
import type { JobSeen } from '../fleet/picture.ts'

const timeoutMs = 20_000

const answerShape = z.object({
  status: z.object({
    state: z.string(),
    agent: z.object({ name: z.string().optional() }).nullish(),
  }),
})

/**
 * One job, by the API token. Its agent is named once it has started.
 * Source: semaphore zebra lib/zebra/apis/public_job_api/serializer.ex, 2026-08.
 * @throws `unauthenticated`, `rate-limited`, `unavailable`
 */
export async function readJob(
  address: HubAddress,
  jobId: string,
  apiToken: string,
  signal: AbortSignal,
): Promise<JobSeen> {
  const what = `the job ${jobId}`
  const url = `${hubOrigin(address)}/api/v1alpha/jobs/${jobId}`
  const answer = await requestJson({ url, authorization: `Token ${apiToken}`, signal, timeoutMs, what })
  const parsed = answerShape.safeParse(answer)
  if (!parsed.success) {
    throw contractError('unavailable', `${address.endpoint} gave an unexpected answer for ${what}`, {
      cause: parsed.error,
    })
  }
  const { state, agent } = parsed.data.status
  const name = agent?.name || undefined
  return { state: states.get(state) ?? 'waiting', ...(name && { agent: name }) }
}

/**
 * Ends a job: one that waits at once, one that runs by its agent. The hub takes no reason for it.
 * Source: semaphore public-api v1alpha, jobs/:id/stop, 2026-08.
 * @throws `unauthenticated`, `permission-denied`, `rate-limited`, `unavailable`
 */
export async function stopJob(
  address: HubAddress,
  jobId: string,
  apiToken: string,
  signal: AbortSignal,
): Promise<void> {
  const what = `the end of the job ${jobId}`
  const url = `${hubOrigin(address)}/api/v1alpha/jobs/${jobId}/stop`
  await requestText({ url, method: 'POST', authorization: `Token ${apiToken}`, signal, timeoutMs, what })
}

/** What is not named here may still wait: no machine is ended for it. */
const states: ReadonlyMap<string, JobSeen['state']> = new Map([
  ['RUNNING', 'running'],
  ['FINISHED', 'finished'],
])
